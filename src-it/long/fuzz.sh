#!/usr/bin/env bash
# Fuzzing with Jazzer (coverage guided) of every parser that reads a stranger's octets: the bodies of org.hikyaku.fuzz.Parser.
#
#   fuzz.sh run SECONDS [PARSER...]    each parser so long, all where none is named; what was learnt stays for the next time
#   fuzz.sh table                      how long each was fuzzed, how many inputs are kept, what was found
#
# Settings (environment): STATE=src-it/target/long/fuzz, NICE=10, FUZZ_CLASSPATH. Needs what `mvn test-compile` has built, and
# fetches Jazzer by Maven once. A finding stops that parser and is kept as STATE/PARSER/crash-*: put it into
# src-it/src/test/fuzz/PARSER when it is mended, so that FuzzTest holds it from then on.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
state=${STATE:-$top/src-it/target/long/fuzz}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
version=0.30.0

classpath() {
    local out=$top/src-it/target/test-classes jar module
    for module in mta-core mta-dns; do out=$out:$top/$module/target/classes; done
    for jar in "$top"/mta-server/target/dist/lib/*.jar; do out=$out:$jar; done
    for jar in "$HOME"/.m2/repository/org/assertj/assertj-core/3.*/*[0-9].jar; do out=$out:$jar; done
    echo "$out"
}

parsers() { "$java" -cp "${FUZZ_CLASSPATH:-$(classpath)}" org.hikyaku.fuzz.FuzzEntry; }

fetch() {
    local part
    for part in jazzer jazzer-api; do
        [ -s "$state/lib/$part-$version.jar" ] && continue
        mvn -q -N -f "$top/pom.xml" dependency:copy "-Dartifact=com.code-intelligence:$part:$version" \
            "-DoutputDirectory=$state/lib"
    done
}

fuzz() { # fuzz PARSER SECONDS
    local d=$state/$1 code=0 began=$SECONDS
    mkdir -p "$d/corpus"
    local cp=${FUZZ_CLASSPATH:-$(classpath)}
    "$java" -Dfuzz.parser="$1" -cp "$cp" org.hikyaku.fuzz.FuzzEntry "$d/corpus"
    nice -n "${NICE:-10}" "$java" -Xmx1g -Dfuzz.parser="$1" --enable-native-access=ALL-UNNAMED -XX:+EnableDynamicAgentLoading \
        -cp "$state/lib/jazzer-$version.jar:$state/lib/jazzer-api-$version.jar:$cp" com.code_intelligence.jazzer.Jazzer \
        --target_class=org.hikyaku.fuzz.FuzzEntry --instrumentation_includes='org.hikyaku.**:org.xbill.DNS.**' \
        --reproducer_path="$d" -artifact_prefix="$d/" -max_total_time="$2" -max_len=4096 -rss_limit_mb=3000 "$d/corpus" \
        > "$d/out" 2>&1 || code=$?
    printf '%s\t%s\t%s\t%s\n' "$1" $((SECONDS - began)) \
        "$(grep -aoE 'Done [0-9]+' "$d/out" | awk '{ print $2 }' | tail -1)" "$code" | tee -a "$state/runs.tsv"
}

table() {
    local parser all
    echo '| parser | seconds | inputs tried | kept | found |'
    echo '|---|---|---|---|---|'
    all=$(parsers)
    for parser in $all; do
        [ -d "$state/$parser" ] || continue
        awk -F'\t' -v p="$parser" -v kept="$(find "$state/$parser/corpus" -type f | wc -l)" \
            -v found="$(find "$state/$parser" -maxdepth 1 -name 'crash-*' -o -maxdepth 1 -name 'timeout-*' | wc -l)" \
            '$1 == p { s += $2; n += $3 } END { print "| " p " | " s + 0 " | " n + 0 " | " kept " | " found " |" }' "$state/runs.tsv"
    done
}

usage() {
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 64
}

mkdir -p "$state"
touch "$state/runs.tsv"
case "${1:-}" in
    run)
        [[ "${2:-}" =~ ^[0-9]+$ ]] || usage
        seconds=$2
        shift 2
        fetch
        if [ $# -eq 0 ]; then
            all=$(parsers)
            # shellcheck disable=SC2086 # a word each
            set -- $all
        fi
        for parser in "$@"; do fuzz "$parser" "$seconds"; done
        ;;
    table) table ;;
    *) usage ;;
esac
