#!/usr/bin/env bash
# Rounds of kill -9 (KillRounds, see docs/reliability.md), as many as time allows: chunk after chunk, each with times of death of
# its own; may be stopped and started again at any time. Stops at the first chunk that loses anything and keeps its directory.
#
#   kill.sh run ROUNDS [STATE]    goes on to so many rounds in all; STATE is a directory, src-it/target/long/kill at first
#   kill.sh table [STATE]         what there is
#
# Settings (environment): CHUNK=50 rounds, NICE=10, KILL_CLASSPATH. Needs what `mvn package -DskipUnitTests` has built.
# STATE/chunks.tsv: seed, rounds, acknowledged, arrived, with a second copy, lost, seconds, revision.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)

java=${JAVA_HOME:+$JAVA_HOME/bin/}java

classpath() {
    local out=$top/src-it/target/test-classes:$top/mta-core/target/test-classes jar
    for jar in "$top"/mta-server/target/dist/lib/*.jar; do out=$out:$jar; done
    echo "$out"
}

sum() { awk -v column="$1" '{ n += $column } END { print n + 0 }' "$state/chunks.tsv"; }

chunk() { # chunk SEED ROUNDS
    local line began=$SECONDS
    rm -rf "$state/home"
    if ! nice -n "${NICE:-10}" "$java" -Xmx512m -Dhikyaku.root="$top" -cp "${KILL_CLASSPATH:-$(classpath)}" \
        org.hikyaku.kill.KillRounds "$2" "$1" "$state/home" > "$state/now.out" 2>&1; then
        tail -40 "$state/now.out" >&2
        echo "what it left is in $state/home" >&2
        exit 1
    fi
    line=$(grep -a '^rounds' "$state/now.out")
    echo "$line" | awk -v OFS='\t' -v seed="$1" -v s=$((SECONDS - began)) \
        -v rev="$(git -C "$top" rev-parse --short HEAD 2> /dev/null || echo -)" \
        '{ print seed, $2, $3, $4, $5, $6, s, rev }' | tee -a "$state/chunks.tsv"
}

run() {
    local rounds=$1 left
    mkdir -p "$state"
    state=$(cd "$state" && pwd)
    touch "$state/chunks.tsv"
    while left=$((rounds - $(sum 2))) && [ "$left" -gt 0 ]; do
        chunk $((1 + $(wc -l < "$state/chunks.tsv"))) $((left < ${CHUNK:-50} ? left : ${CHUNK:-50}))
    done
    table
}

table() {
    echo '| rounds | acknowledged | arrived | with a second copy | lost |'
    echo '|---|---|---|---|---|'
    echo "| $(sum 2) | $(sum 3) | $(sum 4) | $(sum 5) | $(sum 6) |"
}

usage() {
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 64
}

case "${1:-}" in
    run) [[ "${2:-}" =~ ^[0-9]+$ ]] || usage; state=${3:-$top/src-it/target/long/kill}; run "$2" ;;
    table) state=${2:-$top/src-it/target/long/kill}; [ -f "$state/chunks.tsv" ] || usage; table ;;
    *) usage ;;
esac
