import type { ComponentProps } from "react";

/** A region that scrolls by itself, and that the keyboard can reach to scroll it. Needs an `aria-label`. */
export function ScrollRegion({ className, ...rest }: ComponentProps<"section">) {
  return (
    <section
      className={className ?? "scroll"}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
      tabIndex={0}
      {...rest}
    />
  );
}
