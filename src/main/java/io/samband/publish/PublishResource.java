package io.samband.publish;

import io.samband.auth.Audit;
import io.samband.auth.Identity;
import io.samband.auth.Rights;
import io.samband.event.Audience;
import io.samband.event.EventSyntaxException;
import io.samband.event.EventTooLargeException;
import io.samband.event.InvalidEventException;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.EventLog;
import io.samband.log.IdempotencyConflictException;
import io.samband.log.IdempotencyKey;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import io.samband.web.Calls;
import io.samband.web.Problem;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletionException;

/** {@code POST /api/sse/events}: publishing for programs that are not in this deployment. */
@Path(Calls.INNER + "/sse/events")
public class PublishResource {
  /** An escaped character has up to 6 bytes for one that counts; the rest is for the other members and white space. */
  private static final int BODY_BYTES_PER_DATA_BYTE = 6;

  private static final int BODY_ALLOWANCE =
      4_096 + Audience.MAX_ATTRIBUTES * Audience.MAX_LENGTH * BODY_BYTES_PER_DATA_BYTE;

  @Inject
  EventLog log;

  @Inject
  Settings settings;

  @Inject
  Rights rights;

  @Inject
  Audit audit;

  /**
   * Publishes one event and answers when it is durable.
   *
   * @param idempotencyKey a repeat with the same key gets the id of the first
   * @throws jakarta.ws.rs.WebApplicationException 400, 413 or 422 if the event is refused; 403 without the right to publish its
   *     type; 503 if it was not acknowledged: the
   *     problem says whether nothing was stored, or that this is unknown
   */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public Response publish(
      @Context HttpServletRequest request,
      @HeaderParam("Idempotency-Key") String idempotencyKey,
      @HeaderParam(HttpHeaders.CONTENT_TYPE) String contentType,
      InputStream requestBody)
      throws IOException {
    if (contentType == null) {
      // A body without a type passes @Consumes, and a page of another origin may send one without a
      // preflight.
      throw Problem.of(415, "send the body with Content-Type: application/json");
    }
    byte[] body = read(requestBody);
    try {
      SSEEvent event = SSEEvent.parse(body);
      rights.requirePublish(request, event.type());
      IdempotencyKey key = key(idempotencyKey, body, Identity.of(request));
      PublishOutcome outcome = log.appendNow(event, key).toCompletableFuture().join();
      record(request, event, outcome);
      return answer(outcome);
    } catch (EventSyntaxException e) {
      throw Problem.of(400, e.getMessage());
    } catch (EventTooLargeException e) {
      throw Problem.of(413, e.getMessage());
    } catch (InvalidEventException e) {
      throw Problem.of(422, e.getMessage());
    } catch (CompletionException e) {
      if (e.getCause() instanceof IdempotencyConflictException conflict) {
        throw Problem.of(422, conflict.getMessage());
      }
      throw e;
    }
  }

  private void record(HttpServletRequest request, SSEEvent event, PublishOutcome outcome) {
    Identity identity = Identity.of(request);
    if (identity.isNamed()) {
      String id = outcome instanceof PublishOutcome.Durable durable
          ? durable.ids().get(0).toString()
          : null;
      audit.record("event_published", line -> {
        Audit.text(line, "user", identity.name());
        Audit.text(line, "type", event.type());
        Audit.text(line, "id", id);
        line.add("audience", Json.createArrayBuilder(event.audience().attributes()));
      });
    }
  }

  private static Response answer(PublishOutcome outcome) {
    if (outcome instanceof PublishOutcome.Durable durable) {
      return Response.accepted("{\"id\":\"" + durable.ids().get(0) + "\"}").build();
    }
    if (outcome instanceof PublishOutcome.Unknown) {
      throw Problem.unavailable(
          "the event log did not answer in time, so the event may be stored or not; send it again"
              + " with the same Idempotency-Key to have it published once");
    }
    throw Problem.unavailable("the event was not stored; send it again later");
  }

  private byte[] read(InputStream body) throws IOException {
    int max =
        settings.integer(Setting.EVENT_MAX_DATA_BYTES) * BODY_BYTES_PER_DATA_BYTE + BODY_ALLOWANCE;
    byte[] bytes = body.readNBytes(max + 1);
    if (bytes.length > max) {
      throw Problem.of(413, "the body has more than " + max + " bytes");
    }
    return bytes;
  }

  /** Nobody gets the id of an event that somebody else published. */
  private static IdempotencyKey key(String value, byte[] body, Identity identity) {
    return value == null
        ? null
        : Problem.badRequestIfInvalid(() -> IdempotencyKey.of(value.trim(), body))
            .ofSubject(identity.subject());
  }
}
