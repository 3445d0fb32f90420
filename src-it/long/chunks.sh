# What the long runs share, sourced by each: chunk after chunk, each a process of its own, so that a run may be stopped and gone
# on with at any time; what there is stands in STATE/chunks.tsv. Who sources it has the functions run WANTED and table.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

classpath() { # what `mvn package -DskipUnitTests` has built
    local out=$top/src-it/target/test-classes:$top/mta-core/target/test-classes jar
    for jar in "$top"/mta-server/target/dist/lib/*.jar; do out=$out:$jar; done
    echo "$out"
}

revision() { git -C "$top" rev-parse --short HEAD 2> /dev/null || echo -; }

sum() { awk -v column="$1" '{ n += $column } END { print n + 0 }' "$state/chunks.tsv"; }

count_to() { # count_to WANTED SIZE: calls chunk SEED SIZE until the second column has so many in all
    local left
    mkdir -p "$state"
    state=$(cd "$state" && pwd)
    touch "$state/chunks.tsv"
    while left=$(($1 - $(sum 2))) && [ "$left" -gt 0 ]; do
        chunk $((1 + $(wc -l < "$state/chunks.tsv"))) $((left < $2 ? left : $2))
    done
    table
}

usage() { # what the head of the script says
    awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0" >&2
    exit 64
}

begin() { # begin NAME run WANTED [STATE] | begin NAME table [STATE]
    state=$top/src-it/target/long/$1
    case "${2:-}" in
        run) [[ "${3:-}" =~ ^[0-9]+$ ]] || usage; state=${4:-$state}; run "$3" ;;
        table) state=${3:-$state}; [ -f "$state/chunks.tsv" ] || usage; table ;;
        *) usage ;;
    esac
}
