package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.access.Caller;
import dev.tokenbus.ingress.http.RequestContext;
import dev.tokenbus.ingress.http.RequestHeaders;
import dev.tokenbus.ingress.protocol.Submission;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.RequestAccepted;
import io.javalin.http.Context;
import java.time.Instant;

/**
 * Builds the record of an accepted request, and the rendering options that follow from it.
 *
 * @param id the request's id, whose partition this instance reads
 */
record AcceptedRecord(
    RequestId id,
    Protocol protocol,
    RequestContext requestContext,
    RequestHeaders headers,
    PreparedRequest prepared) {
  private static final String DOOR = "http";

  /**
   * The record of {@code requests} without the place of the body, which follows; a canonical body
   * is in the record itself.
   *
   * @param repliesFrom an offset in the reply partition that is not behind the request's first
   *     reply
   */
  RequestAccepted.Builder record(Context http, Instant deadline, long repliesFrom) {
    Caller caller = requestContext.caller();
    Submission.Header header = prepared.header();
    ChatRequest canonical =
        prepared.content() instanceof PreparedRequest.CanonicalBody body ? body.request() : null;
    return RequestAccepted.newBuilder()
        .setRequestId(id.toString())
        .setTenant(caller.tenant())
        .setKeyId(caller.keyId())
        .setTeam(caller.team())
        .setUser(caller.user())
        .setAgent(header.agent())
        .setSession(requestContext.session())
        .setProtocol(protocol)
        .setPriority(header.priority())
        .setMode(header.mode())
        .setAcceptedAt(id.acceptedAt())
        .setDeadline(deadline)
        .setClientGone(caller.clientGone())
        .setIdempotencyKey(headers.idempotencyKey())
        .setBodyHash(prepared.bodyHash())
        .setTraceparent(headers.traceparent())
        .setBody(canonical)
        .setModelAsked(header.model())
        .setBodyKind(header.kind())
        .setFeatures(header.features())
        .setPreferences(header.preferences())
        .setPath(http.path())
        .setDoor(DOOR)
        .setClientAddress(http.req().getRemoteAddr())
        .setOptions(header.options())
        .setRepliesFrom(repliesFrom);
  }

  Rendering rendering() {
    return Rendering.newBuilder()
        .setTenant(requestContext.caller().tenant())
        .setKeyId(requestContext.caller().keyId())
        .setProtocol(protocol)
        .setModelAsked(prepared.header().model())
        .setAcceptedAt(id.acceptedAt())
        .setStream(prepared.header().stream())
        .setIncludeUsage(prepared.header().includeUsage())
        .setSession(requestContext.session())
        .setBodyKind(prepared.header().kind())
        .setOptions(prepared.header().options())
        .build();
  }
}
