#!/bin/sh
# Runs an app of this image, or applies a catalogue file. TOKENBUS_JAVA_OPTS is added to Java's options.
set -eu

case ${1-} in
  ingress) main=dev.tokenbus.ingress.IngressMain ;;
  router) main=dev.tokenbus.router.RouterMain ;;
  metering) main=dev.tokenbus.router.MeteringMain ;;
  worker) main=dev.tokenbus.workers.WorkerMain ;;
  projections) main=dev.tokenbus.projections.ProjectionsMain ;;
  apply) main=dev.tokenbus.runtime.CatalogueMain ;;
  *)
    echo "usage: ingress | router | metering | worker | projections | apply FILE" >&2
    exit 2
    ;;
esac
shift

# shellcheck disable=SC2086  # options are words
exec java -XX:MaxRAMPercentage=60 -XX:+UseCompactObjectHeaders -XX:+ExitOnOutOfMemoryError \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${TOKENBUS_JAVA_OPTS-} \
  -cp "/opt/tokenbus/lib/*" "$main" "$@"
