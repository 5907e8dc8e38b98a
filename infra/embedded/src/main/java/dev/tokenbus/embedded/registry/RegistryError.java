package dev.tokenbus.embedded.registry;

/** A refusal with Confluent's error code, whose first three digits are the HTTP status. */
final class RegistryError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  RegistryError(int code, String message) {
    super(message);
    this.code = code;
  }

  static RegistryError noSuchSubject(String subject) {
    return new RegistryError(40401, "Subject '" + subject + "' not found.");
  }

  static RegistryError noSuchVersion(String version) {
    return new RegistryError(40402, "Version " + version + " not found.");
  }

  static RegistryError noSuchSchema(String what) {
    return new RegistryError(40403, "Schema " + what + " not found");
  }

  static RegistryError incompatible(String subject) {
    return new RegistryError(
        409,
        "Schema being registered is incompatible with an earlier schema for subject \""
            + subject
            + "\"");
  }

  int code() {
    return code;
  }

  int status() {
    return code < 1000 ? code : code / 100;
  }
}
