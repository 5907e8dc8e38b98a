package dev.tokenbus.verify.findings;

import java.util.Locale;

/** The kinds of difference between the records and rows of a request. */
public enum DifferenceKind {
  /** Records or rows of a request that nobody accepted. */
  NEVER_ACCEPTED("the request was never accepted"),
  /** Ended, but still not billed after the grace period. */
  NOT_BILLED("the request ended, but has no usage record"),
  BILLED_TWICE("the request has more than one usage record"),
  BILLED_WITHOUT_END("a usage record stands for a request that has no outcome"),
  /** A bill for an attempt that no worker started. */
  BILLED_WITHOUT_ATTEMPT("the billed attempt was never started"),
  CONTRADICTING_OUTCOMES("outcomes of the request contradict each other"),
  /** The usage record says something else than the first outcome. */
  WRONG_BILL("the usage record differs from the outcome"),
  /** The replies that the client can read do not end as the request did. */
  WRONG_REPLIES("the replies do not end as the request did"),
  /** The request refers to a body that is not on the log. */
  BODY_LOST("the body that the request refers to is not on the log"),
  /** Past its deadline without an end. */
  STUCK("the request is past its deadline and has not ended"),
  /** The projection has passed the record, but wrote no row. */
  ROW_LOST("a record that was written down has no row"),
  ROW_TWICE("a request has more than one row"),
  ROW_INVENTED("a row has no record"),
  WRONG_ROW("a row differs from its record"),
  UNREADABLE("a record cannot be read"),
  /** The sums do not agree. */
  LAW_BROKEN("accepted is not the sum of completed, failed, cancelled, rejected and in flight"),
  /** {@code --wait} is over. */
  NOT_SETTLED("the wait is over and not everything has ended and been written down");

  private final String sentence;

  DifferenceKind(String sentence) {
    this.sentence = sentence;
  }

  /** As a clause for people. */
  public String sentence() {
    return sentence;
  }

  /** In JSON: lower case. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
