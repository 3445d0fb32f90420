#!/usr/bin/env bash
# The whole comparison with Postfix, cell by cell, resumable: a cell (connections, size, one or many messages a connection)
# whose file is complete is skipped, so that the script may be stopped and started again at any time.
#
#   matrix.sh run OUT       measures what is missing in the directory OUT, then prints the tables
#   matrix.sh table OUT     prints the tables of what there is
#
# Settings (environment): PAIRS=7 (one more is run first and dropped: it warms up with the cell's own shape), WARMUP=60 (seconds
# of load on each server at the beginning), SECS=3, CONNECTIONS="1 10 100", SIZES="4096", MODES="many one", CELL_MAX=600
# (seconds; what a cell has by then counts, if at least one pair), FOREIGN=10 and TRIES=2 (repeat a run in which other work took
# more of the machine, in per cent), HIKYAKU (the launcher).
# The essential cells take about 15 minutes on a quiet machine of two cores; everything:
#   CONNECTIONS="1 10 100 1000" SIZES="4096 65536 1048576" matrix.sh run OUT        about an hour
#
# Needs the bench kit, built, in KIT, and its state for Postfix, as root:
#   export KIT=DIR BENCH_STATE=$(DIR/peers.sh init journal); DIR/peers.sh install
# Hikyaku's data lie in $BENCH_STATE/data/hikyaku, the same journaled file system as Postfix's queue.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
PAIRS=${PAIRS:-7} WARMUP=${WARMUP:-60} SECS=${SECS:-3} CELL_MAX=${CELL_MAX:-600} FOREIGN=${FOREIGN:-10} TRIES=${TRIES:-2}
CONNECTIONS=${CONNECTIONS:-1 10 100} SIZES=${SIZES:-4096} MODES=${MODES:-many one}
port=${PORT:-2525} peer=${PEER_PORT:-2501} sink=${SINK_PORT:-2600}

# Lines of a complete cell: its head and two runs for each pair.
whole() { [ -f "$1" ] && [ "$(wc -l < "$1")" -ge $((1 + 2 * (PAIRS + 1))) ]; }

measure() { # measure TSV CONNECTIONS SIZE MODE PAIRS SECONDS WARMUP: both servers by turns
    timeout --signal=TERM "$CELL_MAX" "$KIT/bench.sh" --sink-port "$sink" --reps "$5" --secs "$6" --warmup "$7" \
        --sessions "$2" --sizes "$3" --modes "$4" --foreign "$FOREIGN" --tries "$TRIES" --skip mem,fsync,startup --tsv "$1" \
        --name hikyaku --smtp "127.0.0.1:$port" --pid "$ours" --name postfix --smtp "127.0.0.1:$peer" --pid "$theirs"
}

begin() {
    export BENCH_DISK=$BENCH_STATE/data
    mkdir -p "$BENCH_DISK/hikyaku"
    ours=$("$here/hikyaku.sh" start "$BENCH_DISK/hikyaku" "$port" "$sink" | tail -1)
    theirs=$("$KIT/peers.sh" start postfix tuned "$peer" "$sink" | tail -1)
}

finish() {
    "$here/hikyaku.sh" stop "$BENCH_DISK/hikyaku" || true
    "$KIT/peers.sh" stop postfix > /dev/null 2>&1 || true
    rm -rf "$BENCH_DISK/hikyaku"
}

run() {
    local out=$1 warm=$WARMUP size connections mode cell missing=0
    mkdir -p "$out"
    for size in $SIZES; do for connections in $CONNECTIONS; do for mode in $MODES; do
        whole "$out/$size-$connections-$mode.tsv" || missing=1
    done; done; done
    if [ $missing = 1 ]; then
        begin
        trap finish EXIT
        for size in $SIZES; do for connections in $CONNECTIONS; do for mode in $MODES; do
            cell=$out/$size-$connections-$mode.tsv
            whole "$cell" && continue
            rm -f "$cell" "$cell.facts"
            echo "# $(date +%T) $size octets, $connections connections, $mode" >&2
            measure "$cell" "$connections" "$size" "$mode" $((PAIRS + 1)) "$SECS" "$warm" > "$cell.log" 2>&1 \
                || echo "# not whole (see $cell.log)" >&2
            warm=1
        done; done; done
    fi
    table "$out"
}

table() {
    python3 - "$1" <<'PY'
import csv, glob, os, re, statistics, sys
def cells():
    for path in glob.glob(os.path.join(sys.argv[1], '*.tsv')):
        found = re.fullmatch(r'(\d+)-(\d+)-(one|many)\.tsv', os.path.basename(path))
        if not found: continue
        runs = {}
        for row in csv.DictReader(open(path), delimiter='\t'):
            try: runs.setdefault(row['target'], {})[int(row['rep'])] = {k: v if k in ('target', 'mode') else float(v) for k, v in row.items()}
            except (TypeError, ValueError): continue        # cut short
        pairs = sorted(set(runs.get('hikyaku', {})) & set(runs.get('postfix', {})) - {0})
        if pairs: yield int(found[1]), int(found[2]), found[3], runs, pairs
def three(values, form):
    return f'{form(statistics.median(values))} [{form(min(values))} {form(max(values))}]'
whole = sorted(cells(), key=lambda c: (c[0], c[1], c[2] == 'one'))
per_second, ms, cpu = (lambda v: f'{v:,.0f}'), (lambda v: f'{v:.1f}'), (lambda v: f'{v:.2f}')
print('| octets | connections | messages each | | pairs | accepted/s, median [min max] | end to end/s | ms to 250: p50 p99 p99.9 | CPU s/1,000 | flushes/1,000 | trouble |')
print('|---|---|---|---|---|---|---|---|---|---|---|')
for size, sessions, mode, runs, pairs in whole:
    for name in ('hikyaku', 'postfix'):
        rows = [runs[name][p] for p in pairs]
        of = lambda key: [r[key] for r in rows]
        trouble = [f'{k} {sum(of(k)):.0f}' for k in ('refused', 'lost', 'dup', 'lost_msgs', 'badlen', 'noid') if any(of(k))]
        if not all(of('drained')): trouble.append('not drained')
        quantiles = ' '.join(ms(statistics.median(of(k))) for k in ('p50_ms', 'p99_ms', 'p999_ms'))
        print(f"| {size:,} | {sessions} | {'1' if mode == 'one' else '50'} | {name} | {len(pairs)} | {three(of('accept_s'), per_second)} | "
              f"{three(of('e2e_s'), per_second)} | {quantiles} | {three(of('cpu_s_per_1000'), cpu)} | "
              f"{statistics.median(of('flushes_per_1000')):.0f} | {', '.join(trouble) or '-'} |")
print('\nRatios, pair by pair: median [min max].\n')
print('| octets | connections | messages each | accepted, Hikyaku/Postfix | end to end, Hikyaku/Postfix | CPU, Postfix/Hikyaku | p99, Hikyaku/Postfix |')
print('|---|---|---|---|---|---|---|')
for size, sessions, mode, runs, pairs in whole:
    def ratio(key, inverse=False):
        both = [(runs['hikyaku'][p][key], runs['postfix'][p][key]) for p in pairs]
        fine = [(b / a if inverse else a / b) for a, b in both if a and b]
        return three(fine, cpu) if fine else '-'
    print(f"| {size:,} | {sessions} | {'1' if mode == 'one' else '50'} | {ratio('accept_s')} | {ratio('e2e_s')} | "
          f"{ratio('cpu_s_per_1000', True)} | {ratio('p99_ms')} |")
PY
}

case ${1:-} in
    run | table) [ $# = 2 ] && "$1" "$2" ;;
    *) sed -n '2,24s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
