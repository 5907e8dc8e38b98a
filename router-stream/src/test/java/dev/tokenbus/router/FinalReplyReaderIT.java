package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.replay.FinalReplyReader;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Reply;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reader of final replies, against a real broker. */
class FinalReplyReaderIT {
  @Test
  void saysThatItReadsWhereItIsAskedAgainMeanwhileAndTellsTheLastWhoAsked(@TempDir Path state)
      throws Exception {
    RequestId id = Samples.id(3, Instant.now());
    List<FinalReply> first = new CopyOnWriteArrayList<>();
    List<FinalReply> second = new CopyOnWriteArrayList<>();
    try (Backbone backbone = Backbone.start(state);
        FinalReplyReader reader =
            FinalReplyReader.start(backbone.context.kafka(), backbone.context.schemas())) {
      backbone.reply(
          Reply.newBuilder()
              .setRequestId(id.toString())
              .setAttempt(1)
              .setClaim(0)
              .setSequence(0)
              .setAt(Instant.now())
              .setEvent(Failed.newBuilder().setCode("cancelled").setMessage("Gone").build())
              .build());

      reader.find(id, null, first::add);
      reader.find(id, null, second::add);

      await().until(() -> second.size() == 2);
      assertThat(second).containsExactly(new FinalReply.Pending(), new FinalReply.NoAnswer(null));
      assertThat(first).isEmpty();
    }
  }
}
