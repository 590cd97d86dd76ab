/**
 * The benchmark: {@code ./mvnw -Pbench verify}. What the numbers mean, and what they were, stands in
 * {@code docs/performance.md}.
 */
package io.samband.bench;
