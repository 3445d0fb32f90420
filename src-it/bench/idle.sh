#!/usr/bin/env bash
# What idle and slow clients cost: memory of each connection, and how long a good client waits beside them.
#
#   idle.sh DIR [COUNT]     COUNT connections, 10000 at first; DIR must not exist, and is left with configuration and log
#
# The server and the clients (badclients.py) are processes of their own, each with its own limit of files. Memory is told twice:
# as the heap after a collection, and as what the kernel counts for the process; the difference of before and with the clients,
# by connection. Settings (environment): HIKYAKU (the launcher), PORT=2555, SECONDS_HELD=60, TLS=implicit (off at first), HIKYAKU_OPTS.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
launcher=${HIKYAKU:-$here/../../mta-server/target/dist/bin/hikyaku}
port=${PORT:-2555}
held=${SECONDS_HELD:-60}
tls=${TLS:-off}
[ $# -ge 1 ] && [ ! -e "$1" ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 64; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
count=${2:-10000}
[ "$(ulimit -n)" -ge $((count + 500)) ] || ulimit -n $((count + 500))

cat > "$dir/hikyaku.conf" << X
hostname = mx.bench.example
data_dir = "$dir/data"
listeners { mx { endpoints = ["127.0.0.1:$port"], tls = $tls, auth = off }, submission.endpoints = [], submissions.endpoints = [] }
limits { sessions_max = $((count + 500)) }
local.postmaster = "postmaster@elsewhere.example"
X

"$launcher" serve -c "$dir/hikyaku.conf" > "$dir/log" 2>&1 &
server=$!
trap 'kill $server 2> /dev/null || true; wait $server 2> /dev/null || true' EXIT
for _ in $(seq 300); do
    if grep -q " server-ready " "$dir/log"; then break; fi
    kill -0 $server 2> /dev/null || { tail -5 "$dir/log" >&2; exit 1; }
    sleep 0.1
done

java_pid() { # the launcher may be a shell with the server as its child
    if [ "$(cat "/proc/$server/comm")" = java ]; then echo $server; else ps -o pid= --ppid $server | head -1 | tr -d ' '; fi
}

kib() { awk '/^RssAnon/ { print $2 }' "/proc/$pid/status"; }

heap() { # live octets on the heap, by what the collector counts
    jcmd "$pid" GC.class_histogram > "$dir/heap.$1" && awk '/^Total/ { print int($3 / 1024) }' "$dir/heap.$1"
}

pid=$(java_pid)
heap_before=$(heap before)
rss_before=$(kib)
python3 "$here/badclients.py" 127.0.0.1 "$port" "$count" "$held" 0.5 $([ "$tls" = off ] || echo tls) > "$dir/clients" &
clients=$!
until grep -qs "^open " "$dir/clients" || ! kill -0 $clients 2> /dev/null; do sleep 0.5; done
sleep $((held / 2))
heap_with=$(heap with)
rss_with=$(kib)
code=0
wait $clients || code=$?
cat "$dir/clients"
echo "heap by connection: $(awk -v a="$heap_before" -v b="$heap_with" -v n="$count" 'BEGIN { printf "%.1f", (b - a) / n }') KiB ($heap_before to $heap_with KiB)"
echo "process by connection: $(awk -v a="$rss_before" -v b="$rss_with" -v n="$count" 'BEGIN { printf "%.1f", (b - a) / n }') KiB ($rss_before to $rss_with KiB)"
exit $code
