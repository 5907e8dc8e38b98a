package dev.tokenbus.workers;

import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.replies.ReplyFold;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a reader of one request sees: its records in log order, through the fold.
 *
 * @param gaps how often a record was missing
 */
public record Transcript(List<Reply> visible, boolean ended, int gaps) {
  public static Transcript of(List<Reply> records) {
    ReplyFold fold = new ReplyFold();
    List<Reply> visible = new ArrayList<>();
    int gaps = 0;
    for (Reply record : records) {
      switch (fold.accept(record)) {
        case VISIBLE, LAST -> visible.add(record);
        case GAP, UNREADABLE -> gaps++;
        case IGNORED -> {
          // Not for the reader.
        }
      }
    }
    return new Transcript(visible, fold.ended(), gaps);
  }

  public List<Delta> deltas() {
    return visible.stream()
        .filter(reply -> reply.getEvent() instanceof Deltas)
        .flatMap(reply -> ((Deltas) reply.getEvent()).getDeltas().stream())
        .toList();
  }

  /** The text of the first choice. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Delta delta : deltas()) {
      if (delta.getChoice() == 0 && delta.getContent() instanceof TextDelta piece) {
        text.append(piece.getText());
      }
    }
    return text.toString();
  }

  public List<Opened> openings() {
    return visible.stream()
        .filter(reply -> reply.getEvent() instanceof Opened)
        .map(reply -> (Opened) reply.getEvent())
        .toList();
  }

  public Optional<Completed> completed() {
    return visible.stream()
        .filter(reply -> reply.getEvent() instanceof Completed)
        .map(reply -> (Completed) reply.getEvent())
        .findFirst();
  }
}
