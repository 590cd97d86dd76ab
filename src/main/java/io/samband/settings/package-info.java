/** The only reader of configuration: MicroProfile Config, keys {@code samband.*}. A bad value stops the deployment. */
package io.samband.settings;
