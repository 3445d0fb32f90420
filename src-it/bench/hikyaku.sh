#!/usr/bin/env bash
# Starts and stops a Hikyaku that relays everything to a sink on loopback, for a side by side measurement.
#   hikyaku.sh start DIR PORT SINKPORT     makes DIR/hikyaku.conf, starts, waits for the greeting, prints the pid last
#   hikyaku.sh stop DIR
# The data directory is DIR/data: put DIR on the file system that the other server's spool is on.
# Settings (environment): HIKYAKU (the launcher), HIKYAKU_OPTS (of the Java virtual machine), LOG_LEVEL=info.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
launcher=${HIKYAKU:-$here/../../mta-server/target/dist/bin/hikyaku}

start() {
    local dir=$1 port=$2 sink=$3
    mkdir -p "$dir/data"
    cat > "$dir/hikyaku.conf" <<CONF
hostname = mx.bench.example
data_dir = "$dir/data"
listeners = { mx { endpoints = ["127.0.0.1:$port"], mode = mx, tls = off, auth = off }, submission.endpoints = [], submissions.endpoints = [] }
limits { sessions_max = 3000, sessions_per_address_max = 3000, messages_per_session_max = 1000000, commands_per_session_max = 10000000 }
local.postmaster = "postmaster@elsewhere.example"
relay.trusted_networks = ["127.0.0.0/8"]
delivery.smart_host { host = "127.0.0.1", port = $sink, tls = none }
queue { deliveries_max = 50, deliveries_per_site_max = 50 }
log.level = ${LOG_LEVEL:-info}
CONF
    "$launcher" serve -c "$dir/hikyaku.conf" > "$dir/server.log" 2>&1 &
    echo $! > "$dir/pid"
    for _ in $(seq 300); do
        if (exec 3<> "/dev/tcp/127.0.0.1/$port" && head -c 3 <&3 | grep -q 220) 2> /dev/null; then
            cat "$dir/pid"
            return
        fi
        kill -0 "$(cat "$dir/pid")" 2> /dev/null || break
        sleep 0.1
    done
    tail -20 "$dir/server.log" >&2
    exit 1
}

stop() {
    local pid
    pid=$(cat "$1/pid")
    kill -TERM "$pid"
    for _ in $(seq 100); do
        kill -0 "$pid" 2> /dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$pid"
}

"$@"
