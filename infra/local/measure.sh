#!/usr/bin/env bash
# Measures `./tokenbus up` on a home of its own: time and processor time until it is ready, on an empty home and again on
# the same; then the memory of every process of it at rest. Options are given to `up`; TOKENBUS_JAVA_OPTS to Java.
#
# Memory is PSS: pages that several processes share (PostgreSQL's) are counted once. RSS is printed beside it.
set -euo pipefail
checkout=$(cd "$(dirname "$0")/../.." && pwd -P)
home=$(mktemp -d)
port=${MEASURE_PORT:-18419}
rest=${MEASURE_REST_SECONDS:-20}
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; rm -rf "$home"' EXIT

"$checkout/tokenbus" --version >&2 # builds if it has to

# All processes of the run: the one we started, what it started, and the server that PostgreSQL's starter left behind.
processes() {
  local all=" $pid " added=1 parent child
  local postgres
  postgres=$(head -n 1 "$home/postgres/data/postmaster.pid" 2>/dev/null || true)
  [ -z "$postgres" ] || all+="$postgres "
  while [ $added = 1 ]; do
    added=0
    while read -r child parent; do
      if [[ $all == *" $parent "* && $all != *" $child "* ]]; then
        all+="$child "
        added=1
      fi
    done < <(ps -eo pid=,ppid=)
  done
  echo "$all"
}

cpu_seconds() {
  local total=0 process
  for process in $(processes); do
    total=$((total + $(awk '{print $14 + $15}' "/proc/$process/stat" 2>/dev/null || echo 0)))
  done
  awk -v ticks="$total" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.1f", ticks / hz }'
}

start() {
  : >"$home/up.out"
  local begin
  begin=$(date +%s%N)
  "$checkout/tokenbus" up --home "$home" --port "$port" "$@" >"$home/up.out" 2>&1 &
  pid=$!
  until grep -q '^ready ' "$home/up.out"; do
    kill -0 "$pid" 2>/dev/null || { cat "$home/up.out" >&2; exit 1; }
    sleep 0.05
  done
  awk -v ns="$(($(date +%s%N) - begin))" -v cpu="$(cpu_seconds)" \
    'BEGIN { printf "ready after %.1f s, %.1f s of processor time\n", ns / 1e9, cpu }'
}

stop() {
  local begin
  begin=$(date +%s%N)
  kill "$pid"
  wait "$pid" || true
  pid=
  awk -v ns="$(($(date +%s%N) - begin))" 'BEGIN { printf "stopped after %.1f s\n", ns / 1e9 }'
}

echo "load of this machine: $(cut -d' ' -f1-3 /proc/loadavg), processors: $(nproc)"
echo "empty home:"
start "$@"
stop
echo "same home again:"
start "$@"
sleep "$rest"
echo "at rest, $rest s later:"
printf '%8s %8s %8s  %s\n' PID 'RSS MB' 'PSS MB' PROCESS
for process in $(processes); do
  [ -r "/proc/$process/smaps_rollup" ] || continue
  awk -v pid="$process" -v name="$(tr '\0\n' '  ' <"/proc/$process/cmdline" | cut -c1-60)" \
    '/^Rss:/ { rss = $2 } /^Pss:/ { pss = $2 }
     END { printf "%8d %8.1f %8.1f  %s\n", pid, rss / 1024, pss / 1024, name }' \
    "/proc/$process/smaps_rollup"
done | tee "$home/memory"
awk '{ rss += $2; pss += $3 } END { printf "%8s %8.1f %8.1f  (at most 1,500)\n", "all", rss, pss }' "$home/memory"
stop
