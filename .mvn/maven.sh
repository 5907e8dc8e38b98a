# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by mvnw once it knows MAVEN_HOME, the place of the Maven it pins, and before it looks there.
if [ ! -d "$MAVEN_HOME" ]; then
  _maven_version=${distributionUrlNameMain#apache-maven-}
  if [ -n "${MVNW_REPOURL-}" ]; then
    # mvnw knows how to turn only a repository's URL into another's, and the one in its properties is the archive's.
    distributionUrl="$MVNW_REPOURL/org/apache/maven/apache-maven/$_maven_version/$distributionUrlName"
  elif command -v mvn >/dev/null; then
    # An installed Maven of any version fetches the pinned one as a package: it knows the mirrors and proxies of the
    # place, and it checks the digest. When it cannot, mvnw downloads the distribution itself.
    _maven_staging=$(mktemp -d)
    if (
      cd "$_maven_staging" # away from this project's .mvn, which is for the pinned Maven
      mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.11.0:unpack \
        -Dartifact="org.apache.maven:apache-maven:$_maven_version:zip:bin" \
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
fi
