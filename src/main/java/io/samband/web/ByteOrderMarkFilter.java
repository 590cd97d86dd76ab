package io.samband.web;

import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;

/**
 * Drops a UTF-8 byte order mark before a request body: some programs write one, and a reader of JSON may ignore it (RFC 8259,
 * section 8.1).
 */
public class ByteOrderMarkFilter implements ReaderInterceptor {
  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  @Override
  public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
    if (context.getInputStream() != null) {
      context.setInputStream(withoutMark(context.getInputStream()));
    }
    return context.proceed();
  }

  static InputStream withoutMark(InputStream body) throws IOException {
    PushbackInputStream rest = new PushbackInputStream(body, MARK.length);
    byte[] start = rest.readNBytes(MARK.length);
    if (!Arrays.equals(start, MARK)) {
      rest.unread(start);
    }
    return rest;
  }
}
