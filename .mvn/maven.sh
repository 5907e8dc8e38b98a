# shellcheck shell=sh disable=SC2154
# Sourced by mvnw once it knows MAVEN_HOME, the place of the Maven it pins. If that is not there yet and some Maven is
# installed, that one fetches it as a package: it knows the mirrors and proxies of the place, and it checks the digest.
# Without any Maven, or when this fails, mvnw downloads the distribution itself.
if [ ! -d "$MAVEN_HOME" ] && command -v mvn >/dev/null; then
  _maven_staging=$(mktemp -d)
  if (
    cd "$_maven_staging" # away from this project's .mvn, which is for the pinned Maven
    mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.11.0:unpack \
      -Dartifact="org.apache.maven:apache-maven:${distributionUrlNameMain#apache-maven-}:zip:bin" \
      -DoutputDirectory="$_maven_staging" >"$_maven_staging/log" 2>&1
  ); then
    mkdir -p "${MAVEN_HOME%/*}"
    mv "$_maven_staging/$distributionUrlNameMain" "$MAVEN_HOME" 2>/dev/null || [ -d "$MAVEN_HOME" ] || exit 1
  else
    echo "mvnw: the installed Maven could not fetch $distributionUrlNameMain, so it is downloaded directly:" >&2
    tail -n 3 "$_maven_staging/log" >&2
  fi
  rm -rf "$_maven_staging"
fi
