package dev.tokenbus.workers.attempt;

/** Counts what a run says of its slot. */
final class FakeSlot implements CallSlot {
  int answered;
  int refused;
  int freed;

  @Override
  public void answered() {
    answered++;
  }

  @Override
  public void refused() {
    refused++;
  }

  @Override
  public void free() {
    freed++;
  }
}
