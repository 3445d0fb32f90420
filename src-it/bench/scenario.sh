#!/usr/bin/env bash
# A server with its default settings and mail for many sites at once, in real time: how long until it has arrived? The receivers are those
# of org.hikyaku.scenario; server and receivers stand in two network namespaces that are made here, with a DNS that knows nothing
# else. As root; src-it/peers/install.sh first, for Hikyaku also what `mvn package -DskipUnitTests` has built.
#
#   scenario.sh run hikyaku|postfix WORK [SITES MESSAGES MINUTES]     200 100000 60; prints tables; ends when all has arrived, at the
#                                                                     latest after MINUTES. WORK: a new directory, on a disk with a journal
#
# Settings (environment): JAVA_HOME, SCENARIO_CLASSPATH, HIKYAKU (bin/hikyaku). WORK/server.log, WORK/postfix/log: what the server said.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
export HK_NS=scenario
. "$top/src-it/peers/ns.sh"

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
server=198.18.254.1
receivers=198.18.254.2
dns=198.18.254.53

classpath() {
    local out=$top/src-it/target/test-classes:$top/mta-core/target/test-classes jar
    for jar in "$top"/mta-server/target/dist/lib/*.jar; do out=$out:$jar; done
    echo "$out"
}

live() { # live ARGUMENTS...: the receivers' program
    "$java" -Xmx1g --enable-native-access=ALL-UNNAMED -cp "${SCENARIO_CLASSPATH:-$(classpath)}" org.hikyaku.scenario.LiveScenario "$@"
}

inside() { # inside mta|peers COMMAND...
    local which=$1
    shift
    ip netns exec "$HK_NS-$which" "$@"
}

network() { # two hosts on one cable; who is silent has a neighbour's address that nobody has
    local which kind name address answers
    for which in mta peers; do
        ip netns add "$HK_NS-$which"
        ip -n "$HK_NS-$which" link set lo up
        mkdir -p "/etc/netns/$HK_NS-$which"
        echo "nameserver $dns" > "/etc/netns/$HK_NS-$which/resolv.conf"
    done
    ip -n "$HK_NS-mta" link add cable type veth peer name cable netns "$HK_NS-peers"
    ip -n "$HK_NS-mta" address add "$server/15" dev cable
    ip -n "$HK_NS-mta" link set cable up
    ip -n "$HK_NS-peers" link set cable up
    {
        echo "address add $receivers/15 dev cable"
        echo "address add $dns/15 dev cable"
        awk '$1 == "a" && $4 == "here" { print "address add " $3 "/15 dev cable" }' "$work/plan"
    } | ip -n "$HK_NS-peers" -batch -
    while read -r kind name address answers; do
        [ "$kind $answers" = "a silent" ] || continue
        ip -n "$HK_NS-mta" neigh add "$address" lladdr 02:00:00:00:00:98 dev cable nud permanent
    done < "$work/plan"
}

names() {
    local d=$work/dns
    mkdir -p "$d"
    {
        printf '$TTL 3600\n@ IN SOA dns.example. hostmaster.example. 1 3600 600 86400 60\n@ IN NS dns.example.\ndns.example. IN A %s\n' "$dns"
        awk '$1 == "mx" { print $2 ". IN MX " $3 " " $4 "." } $1 == "a" { print $2 ". IN A " $3 }' "$work/plan"
    } > "$d/zone"
    cat > "$d/named.conf" <<X
options {
    directory "$d"; pid-file "$d/named.pid"; session-keyfile "$d/session.key";
    listen-on port 53 { $dns; }; listen-on-v6 { none; };
    recursion no; allow-query { any; }; dnssec-validation no; empty-zones-enable no;
};
controls { };
zone "." { type master; file "$d/zone"; };
X
    # not by a function: the process that is ended later must be the server itself
    ip netns exec "$HK_NS-peers" named -f -c "$d/named.conf" < /dev/null > "$d/out" 2>&1 &
    started+=($!)
    until_answered inside peers dig +time=1 +tries=1 "@$dns" site0.example mx
}

until_answered() { # until_answered COMMAND...: 20 seconds at most
    local i
    for i in $(seq 200); do
        "$@" > "$work/last.out" 2>&1 && return 0
        sleep 0.1
    done
    tail -5 "$work/last.out" "$work/server.log" >&2
    return 1
}

hikyaku() {
    cat > "$work/hikyaku.conf" <<X
hostname = out.example
data_dir = "$work/data"
listeners {
  mx { endpoints = ["$server:25"], mode = mx, tls = off }
  submission.endpoints = []
  submissions.endpoints = []
}
limits { messages_per_session_max = 1000000, sessions_per_address_max = 100 }
relay.trusted_networks = ["$receivers/32"]
local { domains = [out.example], postmaster = "news@site0.example" }
X
    mkdir -p "$work/data"
    ip netns exec "$HK_NS-mta" "${HIKYAKU:-$top/mta-server/target/dist/bin/hikyaku}" serve -c "$work/hikyaku.conf" > "$work/server.log" 2>&1 &
    started+=($!)
}

postfix_conf() {
    local p=$work/postfix
    mkdir -p "$p/etc" "$p/spool" "$p/data"
    chmod 755 "$work" "$p" "$p/etc" "$p/spool"
    chown postfix "$p/data"
    chmod 700 "$p/data"
    # its defaults, and what it needs to run apart from the host's own; TLS as Debian ships it
    cat > "$p/etc/main.cf" <<X
compatibility_level = 3.6
queue_directory = $p/spool
data_directory = $p/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = $p
maillog_file = $p/log
myhostname = out.example
mydestination = out.example
local_recipient_maps =
alias_maps =
alias_database =
inet_interfaces = $server
inet_protocols = ipv4
mynetworks = $receivers/32
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_host_lookup = dns
smtp_tls_security_level = may
X
    awk '/^[a-z0-9]/ && $5 == "y" { $5 = "n" } { print }' /usr/share/postfix/master.cf.dist > "$p/etc/master.cf"
}

postfix_server() {
    postfix_conf
    : > "$work/server.log"
    inside mta postfix -c "$work/postfix/etc" start > "$work/server.log" 2>&1
}

failed() { # what the server itself said of its attempts
    echo
    if [ "$which" = postfix ]; then
        printf 'attempts that failed: %s\n' "$(grep -c 'status=deferred' "$work/postfix/log")"
    else
        printf 'attempts that failed: %s\n' "$(grep -c 'attempt-failed' "$work/server.log")"
    fi
}

down() {
    local pid
    if [ -s "$work/postfix/spool/pid/master.pid" ]; then
        kill "$(tr -d ' \n' < "$work/postfix/spool/pid/master.pid")" 2> /dev/null || true
    fi
    for pid in "${started[@]}"; do
        kill "$pid" 2> /dev/null || true
        wait "$pid" 2> /dev/null || true
    done
    ns_down
}

run() {
    which=$1 work=$2
    local sites=${3:-200} messages=${4:-100000} minutes=${5:-60}
    started=()
    mkdir "$work"
    work=$(cd "$work" && pwd)
    live plan "$sites" > "$work/plan"
    trap down EXIT
    network
    names
    case $which in
        hikyaku) hikyaku ;;
        postfix) postfix_server ;;
    esac
    until_answered inside peers bash -c "exec 3<>/dev/tcp/$server/25; head -c 3 <&3 | grep -q 220"
    echo "## $which, $messages messages to $sites sites, in real time, $minutes min at most"
    inside peers "$BASH" "$0" live run "$sites" "$messages" "$minutes" "$server"
    failed
}

usage() {
    sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
    exit 64
}

case "${1:-}" in
    run)
        [[ "${2:-}" =~ ^(hikyaku|postfix)$ && $# -ge 3 ]] || usage
        shift
        run "$@"
        ;;
    live)
        shift
        live "$@"
        ;;
    *) usage ;;
esac
