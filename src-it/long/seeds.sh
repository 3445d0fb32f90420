#!/usr/bin/env bash
# Seeds of the town, as many as time allows: chunk after chunk, each in a process of its own; may be stopped and started again
# at any time. Stops at the first wrong seed.
#
#   seeds.sh run LAST [STATE]     goes on to seed LAST; STATE is a directory, src-it/target/long/seeds at first
#   seeds.sh table [STATE]        what there is, as tables for docs/reliability.md
#
# Settings (environment): CHUNK=5000 seeds (a process is warm after some hundred), HEAP=1g, YOUNG=640m,
# THREADS (all processors), NICE=19, SEEDS_CLASSPATH.
# Needs what `mvn verify -DskipUnitTests` has built, or in SEEDS_CLASSPATH the classes, test classes and libraries.
# STATE/chunks.tsv: from, to, wrong, seconds, processor seconds, revision; STATE/counts.tsv: from, kind, name, count.
set -euo pipefail
. "$(dirname "$0")/chunks.sh"
TIMEFORMAT='%R %U %S'

# Seeds 1 to this one are done.
done_to() { awk 'END { print $2 + 0 }' "$state/chunks.tsv"; }

chunk() { # chunk FROM TO
    local wrong=0 times
    times=$({ time nice -n "${NICE:-19}" "$java" -Xmx"${HEAP:-1g}" -Xmn"${YOUNG:-640m}" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError \
        --add-opens java.base/java.lang=ALL-UNNAMED --enable-native-access=ALL-UNNAMED \
        -cp "$cp" org.hikyaku.town.SeedRange "$1" "$2" ${THREADS:-} > "$state/now.out" 2> "$state/now.err"; } 2>&1) || wrong=$?
    if grep -q '^wrong' "$state/now.out"; then
        grep '^wrong' "$state/now.out" | tee -a "$state/wrong.txt" >&2
        echo "replay: mvn verify -DskipUnitTests -Dit.test=TownIT -Dseed=$(awk '/^wrong/ { print $2; exit }' "$state/now.out")" >&2
        exit 1
    elif [ "$wrong" -ne 0 ]; then
        tail -20 "$state/now.err" >&2
        echo "seeds $1 to $2: the process ended with $wrong" >&2
        exit 2
    fi
    awk -v from="$1" '{ print from "\t" $0 }' "$state/now.out" >> "$state/counts.tsv"
    echo "$times" | awk -v OFS='\t' -v from="$1" -v to="$2" -v rev="$(revision)" \
        '{ print from, to, 0, $1, $2 + $3, rev }' | tee -a "$state/chunks.tsv"
}

run() {
    local last=$1 from to
    cp=${SEEDS_CLASSPATH:-$(classpath)}
    mkdir -p "$state"
    touch "$state/chunks.tsv" "$state/counts.tsv"
    # a chunk that was cut short between its two files is counted anew
    awk -v max="$(done_to)" '$1 <= max' "$state/counts.tsv" > "$state/counts.new" && mv "$state/counts.new" "$state/counts.tsv"
    while from=$(($(done_to) + 1)) && [ "$from" -le "$last" ]; do
        to=$((from + ${CHUNK:-5000} - 1))
        chunk "$from" "$((to < last ? to : last))"
    done
    table
}

table() {
    awk '{ n += $2 - $1 + 1; s += $4; c += $5 } END { printf "%d seeds held, %.0f s, %.3f s of processor a seed\n", n, s, c / (n ? n : 1) }' \
        "$state/chunks.tsv"
    for kind in fault crash-state row command; do
        printf '\n| %s | times |\n|---|---|\n' "$kind"
        awk -F '\t' -v kind="$kind" '$2 == kind { sum[$3] += $4 } END { for (name in sum) print name "\t" sum[name] }' \
            "$state/counts.tsv" | sort -V | awk -F '\t' '{ printf "| %s | %d |\n", $1, $2 }'
    done
}

begin seeds "$@"
