#!/bin/sh
# Runs an app of this image, applies a catalogue file, or ends an upgrade. TOKENBUS_JAVA_OPTS is added to Java's options.
set -eu

case ${1-} in
  ingress) main=dev.tokenbus.ingress.IngressMain ;;
  router) main=dev.tokenbus.router.RouterMain ;;
  metering) main=dev.tokenbus.router.MeteringMain ;;
  worker) main=dev.tokenbus.workers.WorkerMain ;;
  projections) main=dev.tokenbus.projections.ProjectionsMain ;;
  apply | finalize-upgrade) main=dev.tokenbus.runtime.CatalogueMain ;;
  *)
    echo "usage: ingress | router | metering | worker | projections | apply FILE | finalize-upgrade" >&2
    exit 2
    ;;
esac
# CatalogueMain has two commands; an app has none.
[ "$main" = dev.tokenbus.runtime.CatalogueMain ] || shift

# shellcheck disable=SC2086  # options are words
exec java -XX:MaxRAMPercentage=60 -XX:+UseCompactObjectHeaders -XX:+ExitOnOutOfMemoryError \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${TOKENBUS_JAVA_OPTS-} \
  -cp "/opt/tokenbus/lib/*" "$main" "$@"
