# shellcheck shell=sh
# Sourced by mvnw, tokenbus and .ci/run: sets and exports JAVA_HOME to a JDK of at least version 25, or explains and
# exits 1. Reads each JDK's `release` file instead of starting it, so it costs milliseconds. The names begin with _jdk
# because the sourcing script shares them.
_jdk_wanted=25

# 0 if $1 is the home of a JDK (not a JRE) that is new enough.
_jdk_fits() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  _jdk_version=$(sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9][0-9]*\).*/\1/p' "$1/release")
  [ -n "$_jdk_version" ] && [ "$_jdk_version" -ge "$_jdk_wanted" ]
}

# Prints the home of the `java` on PATH, behind any symbolic links.
_jdk_on_path() {
  _jdk_java=$(command -v java) || return 1
  while [ -L "$_jdk_java" ]; do
    _jdk_link=$(readlink "$_jdk_java")
    case $_jdk_link in
      /*) _jdk_java=$_jdk_link ;;
      *) _jdk_java=$(dirname "$_jdk_java")/$_jdk_link ;;
    esac
  done
  (cd "$(dirname "$_jdk_java")/.." 2>/dev/null && pwd -P)
}

# Prints the home of the first JDK that fits. Only called in $(…), so that set +f stays here: mvnw runs under set -f.
_jdk_find() {
  set +f
  if [ -n "${JAVA_HOME-}" ] && _jdk_fits "$JAVA_HOME"; then
    printf '%s\n' "$JAVA_HOME"
    return
  fi
  _jdk_home=$(_jdk_on_path) && _jdk_fits "$_jdk_home" && printf '%s\n' "$_jdk_home" && return
  for _jdk_home in /usr/lib/jvm/* /opt/* "${HOME-}"/.sdkman/candidates/java/* \
    "${HOME-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    _jdk_fits "$_jdk_home" && printf '%s\n' "$_jdk_home" && return
  done
  return 1
}

if ! JAVA_HOME=$(_jdk_find); then
  cat >&2 <<END
Tokenbus needs a JDK $_jdk_wanted or newer and found none in JAVA_HOME, on PATH, in /usr/lib/jvm, /opt, ~/.jdks,
~/.sdkman or /Library/Java/JavaVirtualMachines. Install one, for example:
  apt-get install openjdk-$_jdk_wanted-jdk-headless     where Debian or Ubuntu has it already
  apt-get install temurin-$_jdk_wanted-jdk              with Adoptium's package source
  brew install --cask temurin@$_jdk_wanted              macOS
or set JAVA_HOME to the directory of one that is somewhere else.
END
  exit 1
fi
export JAVA_HOME
