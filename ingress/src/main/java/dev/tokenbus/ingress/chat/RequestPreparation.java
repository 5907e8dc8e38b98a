package dev.tokenbus.ingress.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbus.ingress.access.Caller;
import dev.tokenbus.ingress.http.RequestBody;
import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.protocol.RequestHead;
import dev.tokenbus.ingress.protocol.Route;
import dev.tokenbus.ingress.protocol.Sha256;
import dev.tokenbus.ingress.protocol.Submission;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Parses, checks and encodes requests. A large body takes a processor for a tenth of a second, so
 * large ones go through a few threads of their own, and the threads of small requests stay free.
 *
 * <p>Thread-safe.
 */
public final class RequestPreparation implements AutoCloseable {
  private static final int PROCESSORS_PER_THREAD = 4;

  /** The path of 0.1.0's one route, whose keys must survive the upgrade. */
  private static final String CHAT_COMPLETIONS = "/v1/chat/completions";

  private final Supplier<Catalogue> catalogue;
  private final IntSupplier formatLevel;
  private final Serializer<dev.tokenbus.schemas.avro.RequestBody> encoder;
  private final ExecutorService largeBodies =
      Executors.newFixedThreadPool(
          Math.max(1, Runtime.getRuntime().availableProcessors() / PROCESSORS_PER_THREAD),
          Thread.ofPlatform().name("large-body-", 0).factory());

  /**
   * Creates the preparation.
   *
   * @param formatLevel the level of the installation, which may change while it runs
   */
  public RequestPreparation(
      Supplier<Catalogue> catalogue,
      IntSupplier formatLevel,
      Serializer<dev.tokenbus.schemas.avro.RequestBody> encoder) {
    this.catalogue = catalogue;
    this.formatLevel = formatLevel;
    this.encoder = encoder;
  }

  /**
   * Prepares a request, and takes the bytes out of its body.
   *
   * @param hashed whether the request has an idempotency key, and so needs a hash
   * @throws ProblemException if the request is invalid, or its model does not exist for the caller
   */
  PreparedRequest prepare(
      Caller caller,
      Dialect dialect,
      Route.Submit route,
      RequestHead head,
      RequestBody body,
      boolean hashed)
      throws InterruptedException {
    if (!body.isLarge()) {
      return prepare(caller, dialect, route, head, body.take(), hashed);
    }
    Future<PreparedRequest> prepared =
        largeBodies.submit(() -> prepare(caller, dialect, route, head, body.take(), hashed));
    try {
      return prepared.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("A large body could not be prepared", e.getCause());
    }
  }

  private PreparedRequest prepare(
      Caller caller,
      Dialect dialect,
      Route.Submit route,
      RequestHead head,
      byte[] body,
      boolean hashed) {
    Submission submission = route.parser().parse(head, body);
    requireModel(submission.header().model(), caller);
    ByteBuffer hash = hashed ? hash(dialect.protocol(), head.path(), body) : null;
    return new PreparedRequest(
        submission.header(), hash, content(dialect.protocol(), submission.body()));
  }

  private PreparedRequest.Content content(
      Protocol protocol, dev.tokenbus.schemas.avro.RequestBody body) {
    if (formatLevel.getAsInt() >= Catalogue.FORMAT_OF_0_2) {
      return new PreparedRequest.EncodedBody(encoder.serialize(Topics.BODIES.name(), body));
    }
    if (protocol == Protocol.OPENAI_CHAT && body.getContent() instanceof ChatRequest request) {
      return new PreparedRequest.CanonicalBody(request);
    }
    throw new ProblemException(
        Problem.of(
            ErrorCode.UNAVAILABLE,
            "This API is not available until the upgrade of this installation is finalized."));
  }

  private void requireModel(String name, Caller caller) {
    if (catalogue.get().model(name).isEmpty() || !caller.mayUse(name)) {
      throw new ProblemException(
          Problem.of(
              ErrorCode.MODEL_NOT_FOUND,
              "The model `" + name + "` does not exist or you do not have access to it."));
    }
  }

  /** The scope of an idempotency key is its tenant; under it, path and protocol must agree too. */
  static ByteBuffer hash(Protocol protocol, String path, byte[] body) {
    MessageDigest digest = Sha256.digest();
    if (protocol != Protocol.OPENAI_CHAT || !path.equals(CHAT_COMPLETIONS)) {
      digest.update((protocol + "\n" + path + "\n").getBytes(UTF_8));
    }
    digest.update(body);
    return ByteBuffer.wrap(digest.digest());
  }

  @Override
  public void close() {
    largeBodies.shutdownNow();
  }
}
