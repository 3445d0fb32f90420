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
. "$(dirname "$0")/chunks.sh"

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
        -v rev="$(revision)" \
        '{ print seed, $2, $3, $4, $5, $6, s, rev }' | tee -a "$state/chunks.tsv"
}

run() { count_to "$1" "${CHUNK:-50}"; }

table() {
    echo '| rounds | acknowledged | arrived | with a second copy | lost |'
    echo '|---|---|---|---|---|'
    echo "| $(sum 2) | $(sum 3) | $(sum 4) | $(sum 5) | $(sum 6) |"
}

begin kill "$@"
