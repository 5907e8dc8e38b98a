package dev.tokenbus.router.cluster;

import dev.tokenbus.router.lifecycle.ScopedCancel;
import dev.tokenbus.runtime.kafka.Follow;
import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.TopicListener;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelAll;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes the cancel commands of topic {@code control} to a {@link CancelFeed}.
 *
 * <p>Called on its follower's thread.
 */
public final class CommandListener implements TopicListener<Control> {
  private static final Logger LOG = LoggerFactory.getLogger(CommandListener.class);

  private final CancelFeed feed;

  CommandListener(CancelFeed feed) {
    this.feed = feed;
  }

  /** What is to be followed: all that the topic still holds, an hour at most, and what comes. */
  public static Follow<Control> follow(TopicSchemas schemas, CancelFeed feed) {
    return Follow.of(
        "router-control",
        Topics.CONTROL,
        new StartAt.Beginning(),
        schemas.decoder(Control.class),
        new CommandListener(feed));
  }

  @Override
  public void take(TopicRecord<Control> record) {
    switch (record) {
      case TopicRecord.Present<Control>(var source, Control control) -> {
        try {
          pass(control);
        } catch (IllegalArgumentException e) {
          LOG.atWarn()
              .setCause(e)
              .addKeyValue("offset", source.offset())
              .log("a command that names no request and no scope was skipped");
        }
      }
      case TopicRecord.Unreadable<Control> newer ->
          LOG.atError()
              .setCause(newer.why().reason())
              .addKeyValue("offset", newer.source().offset())
              .log("a command of a newer version could not be decoded and was skipped");
      case TopicRecord.Tombstone<Control> _ -> {
        // Says nothing.
      }
    }
  }

  private void pass(Control control) {
    switch (control.getCommand()) {
      case Cancel cancel -> feed.heard(RequestId.parse(control.getRequestId()), cancel);
      case CancelAll all -> feed.heard(ScopedCancel.of(control, all));
      case null, default -> {
        // The schema knows no other command.
      }
    }
  }
}
