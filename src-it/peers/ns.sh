#!/bin/bash
# Two network namespaces joined by a cable: one for Hikyaku, one for its peers. As root. No address of them exists
# outside, no packet leaves them.
#
#   ns.sh up | down | exec mta|peers COMMAND...
#
# Two, because Hikyaku takes an MX that points at an address of its own host for a loop. HK_NS (default hk) begins their
# names: hk-mta and hk-peers. Files are shared with the host, Unix sockets too; /etc/resolv.conf is their own,
# and so is /etc/ssl once peers.sh has made it: the authority of the peers is the one that they trust.
#
#   192.0.2.1  2001:db8::1   mta    mx.hikyaku.test
#   192.0.2.2                mta    a second source address
#   192.0.2.25 2001:db8::25  peers  Postfix
#   192.0.2.26               peers  nothing listens: connection refused
#   192.0.2.27               peers  Exim, where exim.sh has started it
#   192.0.2.28               peers  a second Hikyaku, mx.osaka.test, where a test has started it
#   192.0.2.53               peers  the DNS
#   192.0.2.143              peers  Dovecot
#   192.0.2.98               nobody answers: time-out        192.0.2.99  no route to host
set -euo pipefail
HK_NS=${HK_NS:-hk}

ns_exec() { # ns_exec mta|peers COMMAND...
    local which=$1
    shift
    # a script inside knows where it is and does not enter again
    HK_INSIDE=$which exec ip netns exec "$HK_NS-$which" "$@"
}

ns_up() {
    if ip netns list | grep -q "^$HK_NS-mta\b"; then
        echo "ns: $HK_NS-mta exists; first: ns.sh down" >&2
        return 1
    fi
    local which
    for which in mta peers; do
        ip netns add "$HK_NS-$which"
        ip -n "$HK_NS-$which" link set lo up
        mkdir -p "/etc/netns/$HK_NS-$which"
        echo "nameserver 192.0.2.53" > "/etc/netns/$HK_NS-$which/resolv.conf"
    done
    ip -n "$HK_NS-mta" link add cable type veth peer name cable netns "$HK_NS-peers"
    ns_addresses mta 192.0.2.1/24 192.0.2.2/24 2001:db8::1/64
    ns_addresses peers 192.0.2.25/24 192.0.2.26/24 192.0.2.27/24 192.0.2.28/24 192.0.2.53/24 192.0.2.143/24 2001:db8::25/64
    # a neighbour that takes everything and says nothing; and a place that cannot be reached
    ip -n "$HK_NS-mta" neigh add 192.0.2.98 lladdr 02:00:00:00:00:98 dev cable nud permanent
    ip -n "$HK_NS-mta" route add unreachable 192.0.2.99/32
}

ns_addresses() { # ns_addresses mta|peers ADDRESS...
    local which=$1 address
    shift
    for address in "$@"; do
        case $address in
            *:*) ip -n "$HK_NS-$which" address add "$address" dev cable nodad ;;
            *) ip -n "$HK_NS-$which" address add "$address" dev cable ;;
        esac
    done
    ip -n "$HK_NS-$which" link set cable up
}

ns_down() {
    local which
    for which in mta peers; do
        if ip netns list | grep -q "^$HK_NS-$which\b"; then
            ip netns delete "$HK_NS-$which"
        fi
        rm -f "/etc/netns/$HK_NS-$which/resolv.conf"
        rm -rf "/etc/netns/$HK_NS-$which/ssl"
        rmdir "/etc/netns/$HK_NS-$which" 2>/dev/null || true
    done
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    case ${1:-} in
        up) ns_up ;;
        down) ns_down ;;
        exec) shift; ns_exec "$@" ;;
        *) sed -n '2,6p' "$0" >&2; exit 2 ;;
    esac
fi
