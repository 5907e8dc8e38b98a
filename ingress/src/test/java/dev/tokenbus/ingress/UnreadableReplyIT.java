package dev.tokenbus.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.schemas.RequestId;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Replies that this version cannot read, or cannot read yet. */
@ExtendWith(SharedServers.class)
@Timeout(120)
class UnreadableReplyIT {
  private final EmbeddedBroker broker;

  UnreadableReplyIT(EmbeddedBroker broker) {
    this.broker = broker;
  }

  @Test
  void endsAStreamWithAnErrorOfItsOwnWhereANewerVersionWroteTheRest() throws Exception {
    try (InMemoryRegistry registry = InMemoryRegistry.start();
        Backbone backbone = Backbone.start(broker.bootstrapServers(), registry.url())) {
      NewerWriter newer = new NewerWriter(backbone, registry.url());
      backbone
          .router()
          .follow((request, answer) -> {
            answer.admittedAsAsked(request);
            answer.records().opened(1, "m").text("He");
            answer.send();
            answer.awaitSent();
            newer.writeNovelty(RequestId.parse(request.getRequestId()), 1, 1001, 2);
            answer.records().skipOne().text("llo").stop().completed(1, 2);
            answer.send();
          });

      HttpResponse<String> stream = backbone.client().post(Client.chat(true));
      String id = stream.headers().firstValue("X-Request-Id").orElseThrow();
      HttpResponse<String> whole = backbone.client().post(Client.chat(false));
      HttpResponse<String> again = backbone.client().get("/v1/streams/" + id);

      for (HttpResponse<String> response : List.of(stream, again)) {
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
            .contains("\"content\":\"He\"")
            .contains("\"code\":\"unreadable_reply\"")
            .doesNotContain("llo")
            .doesNotContain("[DONE]");
      }
      assertThat(whole.statusCode()).isEqualTo(503);
      assertThat(whole.body()).contains("unreadable_reply");
      // Otherwise SDKs would make the request again, which goes on and is billed.
      assertThat(whole.headers().firstValue("x-should-retry")).hasValue("false");
    }
  }

  @Test
  void waitsForARegistryThatIsAwayAndSkipsNothing() throws Exception {
    try (InMemoryRegistry registry = InMemoryRegistry.start();
        SwitchableProxy proxy = new SwitchableProxy(registry.url());
        Backbone backbone = Backbone.start(broker.bootstrapServers(), proxy.url())) {
      NewerWriter newer = new NewerWriter(backbone, registry.url());
      CompletableFuture<RequestId> begun = new CompletableFuture<>();
      backbone
          .router()
          .follow((request, answer) -> {
            answer.admittedAsAsked(request);
            answer.records().opened(1, "m").text("He");
            answer.send();
            answer.awaitSent();
            begun.complete(RequestId.parse(request.getRequestId()));
          });
      CompletableFuture<HttpResponse<String>> stream =
          CompletableFuture.supplyAsync(() -> {
            try {
              return backbone.client().post(Client.chat(true));
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
      RequestId id = begun.join();

      proxy.turn(false);
      // Of the same attempt, but repeated, so that a client that can read it sees nothing of it.
      newer.writeNovelty(id, 1, 1001, 0);
      await().until(() -> !backbone.ingress().ready());
      assertThat(stream).isNotDone();

      proxy.turn(true);
      await().until(backbone.ingress()::ready);
      backbone.router().finish(id, records -> records.text("llo").stop().completed(1, 2));

      assertThat(stream.get().body()).contains("He").contains("llo").endsWith("data: [DONE]\n\n");
    }
  }
}
