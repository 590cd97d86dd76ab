package io.samband.stream;

import jakarta.ws.rs.core.GenericType;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseBroadcaster;
import java.lang.reflect.Type;

/** What a container hands to a resource: here only its builder of events, which keeps what it is given. */
final class FakeSse implements Sse {
  @Override
  public OutboundSseEvent.Builder newEventBuilder() {
    return new Builder();
  }

  @Override
  public SseBroadcaster newBroadcaster() {
    throw new UnsupportedOperationException("the container is never asked for a broadcaster");
  }

  private static final class Builder implements OutboundSseEvent.Builder {
    private String id;
    private String name;
    private String comment;
    private long delay = -1;
    private MediaType mediaType = MediaType.TEXT_PLAIN_TYPE;
    private Object data;

    @Override
    public Builder id(String value) {
      id = value;
      return this;
    }

    @Override
    public Builder name(String value) {
      name = value;
      return this;
    }

    @Override
    public Builder reconnectDelay(long milliseconds) {
      delay = milliseconds;
      return this;
    }

    @Override
    public Builder mediaType(MediaType value) {
      mediaType = value;
      return this;
    }

    @Override
    public Builder comment(String value) {
      comment = value;
      return this;
    }

    @Override
    @SuppressWarnings("rawtypes") // As the interface has it.
    public Builder data(Class type, Object value) {
      return data(value);
    }

    @Override
    @SuppressWarnings("rawtypes") // As the interface has it.
    public Builder data(GenericType type, Object value) {
      return data(value);
    }

    @Override
    public Builder data(Object value) {
      data = value;
      return this;
    }

    @Override
    public OutboundSseEvent build() {
      return new Event(id, name, comment, delay, mediaType, data);
    }
  }

  private record Event(
      String id, String name, String comment, long delay, MediaType mediaType, Object data)
      implements OutboundSseEvent {
    @Override
    public Class<?> getType() {
      return data.getClass();
    }

    @Override
    public Type getGenericType() {
      return data.getClass();
    }

    @Override
    public MediaType getMediaType() {
      return mediaType;
    }

    @Override
    public Object getData() {
      return data;
    }

    @Override
    public String getId() {
      return id;
    }

    @Override
    public String getName() {
      return name;
    }

    @Override
    public String getComment() {
      return comment;
    }

    @Override
    public long getReconnectDelay() {
      return delay;
    }

    @Override
    public boolean isReconnectDelaySet() {
      return delay >= 0;
    }
  }
}
