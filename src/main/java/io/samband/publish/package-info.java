/** How an event gets into the log: fired as a CDI event, or posted over HTTP. Decides only when; the log does the rest. */
package io.samband.publish;
