package dev.tokenbus.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** Our version, from the manifest of our jar. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "tokenbus "
          + Objects.requireNonNullElse(
              Version.class.getPackage().getImplementationVersion(), "(not packaged)")
          + ", Java "
          + Runtime.version()
    };
  }
}
