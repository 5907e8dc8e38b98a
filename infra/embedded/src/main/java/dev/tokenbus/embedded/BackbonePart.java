package dev.tokenbus.embedded;

/** A server of the {@link EmbeddedBackbone}. */
public enum BackbonePart {
  BROKER("broker"),
  DATABASE("database"),
  REGISTRY("schema registry");

  private final String label;

  BackbonePart(String label) {
    this.label = label;
  }

  /** What to call it before a user. */
  public String label() {
    return label;
  }
}
