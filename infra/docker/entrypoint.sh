#!/bin/sh
# Runs a command of Tokenbus in the container. TOKENBUS_JAVA_OPTS is added to Java's options.
set -eu
# shellcheck disable=SC2086  # options are words
exec java -XX:MaxRAMPercentage=60 -XX:+UseCompactObjectHeaders -XX:+ExitOnOutOfMemoryError \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${TOKENBUS_JAVA_OPTS-} \
  -cp "/opt/tokenbus/tokenbus-local.jar:/opt/tokenbus/lib/*" dev.tokenbus.local.command.Tokenbus "$@"
