/** The embedded engine: one H2 file of this node, one row per event, one commit per batch. */
package io.samband.log.h2;
