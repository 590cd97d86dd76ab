package io.samband.web;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The right that a caller of a resource method must have. Who has it is said by the settings {@code samband.auth.*}. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Needs {
  /** The right to administer. */
  boolean admin() default false;

  /** The event type that the caller must have the right to publish; empty if none, or if the method checks it by itself. */
  String publish() default "";

  /** The event type that the caller must have the right to receive; empty if none. */
  String subscribe() default "";
}
