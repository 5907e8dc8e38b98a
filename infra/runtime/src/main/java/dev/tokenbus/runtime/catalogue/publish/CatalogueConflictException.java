package dev.tokenbus.runtime.catalogue.publish;

/** A catalogue names what somebody else manages; the message begins with the key path. */
public final class CatalogueConflictException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CatalogueConflictException(String message) {
    super(message);
  }
}
