package io.samband.web;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** {@code GET /api/openapi.json} and {@code /api/asyncapi.json}: the calls and the stream as documents that tools read. */
@Path(Calls.INNER)
public class DocumentsResource {
  private static final Document OPENAPI = Document.read("openapi.json");
  private static final Document ASYNCAPI = Document.read("asyncapi.json");

  /** The calls, as OpenAPI 3.1. */
  @GET
  @Path("openapi.json")
  @Produces(MediaType.APPLICATION_JSON)
  public Response openApi(@Context Request request) {
    return OPENAPI.answer(request);
  }

  /** The frames of the stream, as AsyncAPI 3.0. */
  @GET
  @Path("asyncapi.json")
  @Produces(MediaType.APPLICATION_JSON)
  public Response asyncApi(@Context Request request) {
    return ASYNCAPI.answer(request);
  }

  /** A document of this build. The tag is made of the bytes, so that all nodes of one version have the same. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Document(byte[] bytes, EntityTag tag) {
    static Document read(String name) {
      try (InputStream in = DocumentsResource.class.getResourceAsStream(name)) {
        byte[] bytes = in.readAllBytes();
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
        return new Document(bytes, new EntityTag(HexFormat.of().formatHex(hash, 0, 8)));
      } catch (IOException e) {
        throw new UncheckedIOException(name, e);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has SHA-256", e);
      }
    }

    Response answer(Request request) {
      Response.ResponseBuilder unchanged = request.evaluatePreconditions(tag);
      // "private", because not everybody may read it.
      return (unchanged == null ? Response.ok(bytes) : unchanged)
          .tag(tag)
          .header(HttpHeaders.CACHE_CONTROL, "private, no-cache")
          .build();
    }
  }
}
