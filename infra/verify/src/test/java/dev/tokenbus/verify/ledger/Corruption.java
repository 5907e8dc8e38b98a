package dev.tokenbus.verify.ledger;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.verify.findings.DifferenceKind;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Everything that can go wrong with one settled request, and what must be found. */
enum Corruption {
  ACCEPTANCE_LOST(DifferenceKind.NEVER_ACCEPTED) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      drop(entries, id, Entry.Accepted.class);
    }
  },
  USAGE_LOST(DifferenceKind.NOT_BILLED) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      drop(entries, id, Entry.Billed.class);
    }
  },
  USAGE_TWICE(DifferenceKind.BILLED_TWICE) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      entries.add(find(entries, id, Entry.Billed.class));
    }
  },
  OUTCOME_LOST(DifferenceKind.BILLED_WITHOUT_END) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      drop(entries, id, Entry.Finished.class);
    }
  },
  END_LOST(DifferenceKind.STUCK) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      drop(entries, id, Entry.Finished.class);
      drop(entries, id, Entry.Billed.class);
    }
  },
  OUTCOMES_OF_TWO_MINDS(DifferenceKind.CONTRADICTING_OUTCOMES) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      Entry.Finished ended = find(entries, id, Entry.Finished.class);
      entries.add(
          new Entry.Finished(
              id,
              otherStatus(ended.bill()),
              ended.finishedAt(),
              ended.projected(),
              ended.repeat()));
    }
  },
  TOKENS_OF_TWO_MINDS(DifferenceKind.CONTRADICTING_OUTCOMES) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      Entry.Finished ended = find(entries, id, Entry.Finished.class);
      entries.add(
          new Entry.Finished(
              id, moreTokens(ended.bill()), ended.finishedAt(), ended.projected(), ended.repeat()));
    }
  },
  BILL_CHANGED(DifferenceKind.WRONG_BILL) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      Entry.Billed billed = find(entries, id, Entry.Billed.class);
      entries.set(
          entries.indexOf(billed),
          new Entry.Billed(id, moreTokens(billed.bill()), billed.projected()));
    }
  },
  ATTEMPT_OUT_OF_THIN_AIR(DifferenceKind.BILLED_WITHOUT_ATTEMPT) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      Entry.Billed billed = find(entries, id, Entry.Billed.class);
      Bill bill = billed.bill();
      entries.set(
          entries.indexOf(billed),
          new Entry.Billed(
              id,
              new Bill(bill.status(), 9, bill.inputTokens(), bill.outputTokens()),
              billed.projected()));
    }
  },
  REPLIES_LOST(DifferenceKind.WRONG_REPLIES) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      drop(entries, id, Entry.Replied.class);
    }
  },
  /** What stands behind the gap must not be shown, so the answer never ends. */
  REPLY_MISSING_IN_THE_MIDDLE(DifferenceKind.WRONG_REPLIES) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      Entry.Replied end = lastVisible(entries, id);
      drop(
          entries,
          entry ->
              entry instanceof Entry.Replied replied
                  && replied.id().equals(id)
                  && replied.reply().getAttempt() == end.reply().getAttempt()
                  && replied.reply().getSequence() == 0);
    }
  },
  /** An attempt after the last that says the opposite, in front of the end. */
  REPLIES_END_OTHERWISE(DifferenceKind.WRONG_REPLIES) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      Entry.Replied first = find(entries, id, Entry.Replied.class);
      boolean completed =
          find(entries, id, Entry.Finished.class).bill().status() == RequestStatus.COMPLETED;
      Object event = completed ? History.failed() : History.completed();
      entries.add(
          entries.indexOf(first),
          new Entry.Replied(id, new Reply(id.toString(), 99, 7L, 0, id.acceptedAt(), event)));
    }
  },
  USAGE_ROW_LOST(DifferenceKind.ROW_LOST) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      drop(entries, id, Entry.UsageRow.class);
    }
  },
  USAGE_ROW_TWICE(DifferenceKind.ROW_TWICE) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      entries.add(find(entries, id, Entry.UsageRow.class));
    }
  },
  USAGE_ROW_CHANGED(DifferenceKind.WRONG_ROW) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      Entry.UsageRow row = find(entries, id, Entry.UsageRow.class);
      entries.set(entries.indexOf(row), new Entry.UsageRow(id, moreTokens(row.bill())));
    }
  },
  USAGE_RECORD_LOST_BEHIND_ITS_ROW(DifferenceKind.ROW_INVENTED) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      drop(entries, id, Entry.Billed.class);
    }
  },
  REQUEST_ROW_LOST(DifferenceKind.ROW_LOST) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      drop(entries, id, Entry.RequestRow.class);
    }
  },
  REQUEST_ROW_TWICE(DifferenceKind.ROW_TWICE) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      entries.add(find(entries, id, Entry.RequestRow.class));
    }
  },
  REPEAT_FOR_A_REFUSAL(DifferenceKind.WRONG_REPLIES) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      entries.replaceAll(entry ->
          entry instanceof Entry.Finished ended && ended.id().equals(id)
              ? new Entry.Finished(
                  id, ended.bill(), ended.finishedAt(), ended.projected(), !ended.repeat())
              : entry);
    }
  },
  BODY_MISSING(DifferenceKind.BODY_LOST) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      refersToBody(entries, id);
    }
  },
  BODY_ELSEWHERE(DifferenceKind.BODY_LOST) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      refersToBody(entries, id);
      entries.add(new Entry.BodyWritten(id, new BodyPosition(3, 2_001)));
    }
  },
  REQUEST_ROW_NEVER_ENDS(DifferenceKind.WRONG_ROW) {
    @Override
    void apply(List<Entry> entries, RequestId id) {
      drop(entries, id, Entry.RequestRow.class);
      entries.add(new Entry.RequestRow(id, Optional.empty()));
    }
  };

  private final DifferenceKind found;

  Corruption(DifferenceKind found) {
    this.found = found;
  }

  DifferenceKind found() {
    return found;
  }

  /** Whether it would be wrong for this request. */
  boolean applies(List<Entry> entries, RequestId id) {
    RequestStatus status = find(entries, id, Entry.Finished.class).bill().status();
    return switch (this) {
      // The provider may be faster than the order to stop.
      case REPLIES_END_OTHERWISE -> status != RequestStatus.CANCELLED;
      case REPEAT_FOR_A_REFUSAL -> status == RequestStatus.REJECTED;
      default -> true;
    };
  }

  abstract void apply(List<Entry> entries, RequestId id);

  private static Bill moreTokens(Bill bill) {
    return new Bill(bill.status(), bill.attempt(), bill.inputTokens(), bill.outputTokens() + 1);
  }

  private static Bill otherStatus(Bill bill) {
    RequestStatus other =
        bill.status() == RequestStatus.FAILED ? RequestStatus.COMPLETED : RequestStatus.FAILED;
    return new Bill(other, bill.attempt(), bill.inputTokens(), bill.outputTokens());
  }

  private static <T extends Entry> T find(List<Entry> entries, RequestId id, Class<T> kind) {
    return entries.stream()
        .filter(entry -> entry.id().equals(id))
        .filter(kind::isInstance)
        .map(kind::cast)
        .findFirst()
        .orElseThrow();
  }

  /** The record with which the client's view ends. */
  private static Entry.Replied lastVisible(List<Entry> entries, RequestId id) {
    RequestAccount account = new RequestAccount();
    for (Entry entry : entries) {
      if (entry instanceof Entry.Replied replied && replied.id().equals(id)) {
        account.add(replied);
        if (account.replyEnd != RequestAccount.ReplyEnd.OPEN) {
          return replied;
        }
      }
    }
    throw new IllegalStateException("A settled request has an end");
  }

  private static void drop(List<Entry> entries, RequestId id, Class<? extends Entry> kind) {
    drop(entries, entry -> kind.isInstance(entry) && entry.id().equals(id));
  }

  private static void refersToBody(List<Entry> entries, RequestId id) {
    drop(entries, id, Entry.BodyWritten.class);
    entries.replaceAll(entry ->
        entry instanceof Entry.Accepted accepted && accepted.id().equals(id)
            ? new Entry.Accepted(
                id,
                accepted.deadline(),
                accepted.projected(),
                Optional.of(new BodyPosition(3, 2_000)))
            : entry);
  }

  private static void drop(List<Entry> entries, Predicate<Entry> which) {
    entries.removeIf(which);
  }
}
