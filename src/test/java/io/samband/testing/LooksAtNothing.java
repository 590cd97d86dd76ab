package io.samband.testing;

/** What is installed where there is no other {@link WireCheck}. */
public final class LooksAtNothing implements WireCheck {}
