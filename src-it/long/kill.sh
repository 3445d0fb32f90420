#!/usr/bin/env bash
# Rounds of kill -9 (KillIT), as many as time allows: chunk after chunk, each a run of the test with times of death of its own;
# may be stopped and started again at any time. Stops at the first chunk that fails.
#
#   kill.sh run ROUNDS [STATE]    goes on to so many rounds in all; STATE is a directory, src-it/target/long/kill at first
#   kill.sh table [STATE]         what there is
#
# Settings (environment): CHUNK=50 rounds, NICE=10. Needs Maven; the first chunk builds the server.
# STATE/chunks.tsv: seed, rounds, acknowledged, arrived, with a second copy, lost, seconds, revision.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)

sum() { awk -v column="$1" '{ n += $column } END { print n + 0 }' "$state/chunks.tsv"; }

chunk() { # chunk SEED ROUNDS
    local line began=$SECONDS
    if ! (cd "$top" && nice -n "${NICE:-10}" mvn -q -o verify -DskipUnitTests -Dit.test=KillIT -Dfailsafe.failIfNoSpecifiedTests=false \
        -Dkill.seed="$1" -Dkill.rounds="$2") > "$state/now.out" 2>&1; then
        tail -40 "$state/now.out" >&2
        echo "replay: mvn verify -DskipUnitTests -Dit.test=KillIT -Dkill.seed=$1 -Dkill.rounds=$2" >&2
        exit 1
    fi
    line=$(grep -ao 'kill -9: [0-9].*' "$state/now.out" | tail -1)
    [ -n "$line" ] || { tail -40 "$state/now.out" >&2; echo "the test did not run" >&2; exit 2; }
    echo "$line" | tr -c '0-9\n' ' ' | awk -v OFS='\t' -v seed="$1" -v s=$((SECONDS - began)) \
        -v rev="$(git -C "$top" rev-parse --short HEAD 2> /dev/null || echo -)" \
        '{ print seed, $2, $3, $4, $5, $6, s, rev }' | tee -a "$state/chunks.tsv"
}

run() {
    local rounds=$1 left
    mkdir -p "$state"
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
    sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
    exit 64
}

case "${1:-}" in
    run) [[ "${2:-}" =~ ^[0-9]+$ ]] || usage; state=${3:-$top/src-it/target/long/kill}; run "$2" ;;
    table) state=${2:-$top/src-it/target/long/kill}; [ -f "$state/chunks.tsv" ] || usage; table ;;
    *) usage ;;
esac
