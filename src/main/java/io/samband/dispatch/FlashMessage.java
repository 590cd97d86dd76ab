package io.samband.dispatch;

/** A message that every dispatcher must see. */
public record FlashMessage(String id, String text, String priority, String createdAt) {}
