#!/bin/bash
# The peers of Hikyaku, each with a configuration, data and log of its own below one work directory: a DNS server (BIND),
# Postfix as a remote MX, Dovecot for LMTP, IMAP and POP3. As root; install.sh first.
#
#   peers.sh up WORK            namespaces (ns.sh) and all peers; WORK: a short path, created if need be
#   peers.sh down WORK          stops what was started, removes the namespaces; WORK is left for its logs
#   peers.sh start|stop dns|postfix|dovecot WORK
#   peers.sh send WORK FROM TO  hands a message on standard input to Postfix, which looks up the MX of TO
#   peers.sh flush WORK         Postfix tries its queue again at once
#   peers.sh mail WORK USER     prints what Postfix has taken for USER (postfix.test and its other domains)
#   peers.sh log dns|postfix|dovecot WORK
#
# Below WORK: dns/ postfix/ dovecot/ tls/ (ca.pem, and certificate and key of each host, made by it).
# Dovecot's users are read from WORK/dovecot/users at each login: Hikyaku's users file may be linked there.
# Postfix takes user@, bob@, bücher@ and u1@ to u50@; defer@ gets 450, full@ 552, all others 550. On port 2525 it has neither DSN nor
# CHUNKING nor SMTPUTF8.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/ns.sh"

inside() { # inside COMMAND...: in the peers' namespace
    ip netns exec "$HK_NS-peers" "$@"
}

wait_for() { # wait_for WHAT COMMAND...: until the command succeeds, ten seconds at most
    local what=$1 i
    shift
    for i in $(seq 100); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    echo "peers: $what does not answer" >&2
    return 1
}

answers() { # answers ADDRESS PORT: someone listens there
    inside bash -c "exec 3<>/dev/tcp/$1/$2"
}

stop_pid() { # stop_pid FILE: ends the process whose number the file holds
    local pid i
    [ -s "$1" ] || return 0
    pid=$(tr -d ' \n' < "$1")
    kill "$pid" 2>/dev/null || true
    for i in $(seq 50); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
    rm -f "$1"
}

# --- certificates

tls_issue() { # tls_issue FILE NAME: a certificate of the authority for a subject's alternative name
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
        -keyout "$W/tls/$1.key" -out "$W/tls/$1.csr" 2>/dev/null
    openssl x509 -req -in "$W/tls/$1.csr" -CA "$W/tls/ca.pem" -CAkey "$W/tls/ca.key" -CAcreateserial -days 30 \
        -extfile <(printf 'subjectAltName=%s' "$2") -out "$W/tls/$1.pem" 2>/dev/null
}

tls_trust() { # in the namespaces, which are up, the authority is what a host trusts
    local which
    for which in mta peers; do
        mkdir -p "/etc/netns/$HK_NS-$which/ssl/certs"
        cp "$W/tls/ca.pem" "/etc/netns/$HK_NS-$which/ssl/certs/ca-certificates.crt"
        cp /etc/ssl/openssl.cnf "/etc/netns/$HK_NS-$which/ssl/"
    done
}

tls_make() { # an authority, and a certificate for each host
    local t=$W/tls host
    [ -s "$t/ca.pem" ] && return 0
    mkdir -p "$t"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=Peers Authority" \
        -keyout "$t/ca.key" -out "$t/ca.pem" 2>/dev/null
    for host in mx.postfix.test mail.dovecot.test mx.hikyaku.test mx.osaka.test; do
        tls_issue "$host" "DNS:$host"
    done
    tls_issue joe email:joe@hikyaku.test # a user who shows it to log in
    chmod 644 "$t"/*.pem "$t"/*.key
}

# --- DNS

dns_configure() {
    local d=$W/dns
    mkdir -p "$d/cache"
    cat > "$d/named.conf" <<X
options {
    directory "$d/cache";
    pid-file "$d/named.pid";
    session-keyfile "$d/session.key";
    listen-on port 53 { 192.0.2.53; };
    listen-on-v6 { none; };
    recursion yes;
    allow-query { any; };
    dnssec-validation no;
    empty-zones-enable no;
    minimal-responses no;
};
controls { };
logging {
    channel file { file "$d/named.log"; print-time yes; print-severity yes; severity info; };
    category default { file; };
    category queries { file; };
};
zone "." { type master; file "$here/zones/root"; };
zone "test" { type master; file "$here/zones/test"; };
zone "2.0.192.in-addr.arpa" { type master; file "$here/zones/reverse"; };
// a zone that cannot be loaded is answered with SERVFAIL
zone "servfail.test" { type master; file "$d/missing"; };
X
}

dns_start() {
    dns_configure
    inside setsid named -f -c "$W/dns/named.conf" </dev/null >"$W/dns/out" 2>&1 &
    wait_for dns inside dig +time=1 +tries=1 @192.0.2.53 hikyaku.test mx
}

dns_stop() { stop_pid "$W/dns/named.pid"; }

# --- Postfix

postfix_configure() {
    local p=$W/postfix
    mkdir -p "$p/etc" "$p/spool" "$p/data" "$p/mail"
    chmod 755 "$W" "$p" "$p/etc" "$p/spool"
    chown postfix "$p/data"
    chmod 700 "$p/data"
    chown nobody "$p/mail"
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
myhostname = mx.postfix.test
myorigin = postfix.test
mydestination =
mynetworks = 127.0.0.0/8 [::1]/128
inet_interfaces = 192.0.2.25, 2001:db8::25
inet_protocols = all
smtp_bind_address = 192.0.2.25
smtp_bind_address6 = 2001:db8::25
smtp_host_lookup = dns
smtp_tls_security_level = may
smtp_tls_CAfile = $W/tls/ca.pem
smtp_tls_loglevel = 1
smtp_send_xforward_command = yes
smtpd_tls_security_level = may
smtpd_tls_cert_file = $W/tls/mx.postfix.test.pem
smtpd_tls_key_file = $W/tls/mx.postfix.test.key
smtpd_tls_received_header = yes
smtpd_tls_loglevel = 1
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access regexp:$p/etc/access
smtputf8_enable = yes
alias_maps =
local_recipient_maps =
local_transport = error:no local mail here
virtual_mailbox_domains = postfix.test second.test slow.test alias.test a-only.test six.test mxcname.test equal.test
virtual_mailbox_base = $p/mail
virtual_mailbox_maps = regexp:$p/etc/mailboxes
virtual_minimum_uid = 1
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
minimal_backoff_time = 5s
queue_run_delay = 5s
X
    printf '/^defer@/ 450 4.2.1 try again later\n/^full@/ 552 5.2.2 the mailbox is full\n' > "$p/etc/access"
    # Postfix puts nothing matched into the name of a mailbox: one line each
    local user
    for user in user bob defer full u{1..50}; do
        printf '/^%s@/ %s/\n' "$user" "$user"
    done > "$p/etc/mailboxes"
    printf '/^bücher@/ buecher/\n' >> "$p/etc/mailboxes"
    awk '/^[a-z0-9]/ && $5 == "y" { $5 = "n" } { print }' /usr/share/postfix/master.cf.dist > "$p/etc/master.cf"
    # as servers were that have no extension to speak of
    echo "192.0.2.25:2525 inet n - n - - smtpd -o smtpd_discard_ehlo_keywords=dsn,chunking,smtputf8" >> "$p/etc/master.cf"
}

postfix_start() {
    postfix_configure
    inside postfix -c "$W/postfix/etc" start >"$W/postfix/out" 2>&1 || { cat "$W/postfix/out" >&2; return 1; }
    wait_for postfix answers 192.0.2.25 25
}

postfix_stop() {
    if [ -d "$W/postfix/etc" ]; then
        inside postfix -c "$W/postfix/etc" stop >/dev/null 2>&1 || true
    fi
    stop_pid "$W/postfix/spool/pid/master.pid"
}

postfix_send() { inside env MAIL_CONFIG="$W/postfix/etc" sendmail -i -f "$1" "$2"; }

postfix_flush() { inside postqueue -c "$W/postfix/etc" -f; }

postfix_mail() { find "$W/postfix/mail/$1/new" -type f -exec cat {} + 2>/dev/null || true; }

# --- Dovecot

dovecot_configure() {
    local d=$W/dovecot
    mkdir -p "$d/run" "$d/state" "$d/mail"
    chown nobody "$d/mail"
    # one user to begin with: test@hikyaku.test, password "secret"
    [ -e "$d/users" ] || echo 'test@hikyaku.test:{PLAIN}secret' > "$d/users"
    cat > "$d/dovecot.conf" <<X
base_dir = $d/run
state_dir = $d/state
instance_name = hikyaku-peer
hostname = mail.dovecot.test
log_path = $d/log
protocols = imap pop3 lmtp
listen = 192.0.2.143
ssl = yes
ssl_cert = <$W/tls/mail.dovecot.test.pem
ssl_key = <$W/tls/mail.dovecot.test.key
disable_plaintext_auth = no
auth_mechanisms = plain login scram-sha-256
auth_verbose = yes
default_internal_user = dovecot
default_login_user = dovenull
first_valid_uid = 1
mail_location = maildir:$d/mail/%d/%n
passdb {
  driver = passwd-file
  args = username_format=%u $d/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$d/mail/%d/%n
}
lmtp_save_to_detail_mailbox = no
recipient_delimiter = +
protocol lmtp {
  postmaster_address = postmaster@hikyaku.test
}
service lmtp {
  unix_listener $d/lmtp.sock {
    mode = 0666
  }
  inet_listener lmtp {
    address = 192.0.2.143
    port = 24
  }
}
# Hikyaku's users file is readable by the group of its service user, here nogroup
service auth {
  extra_groups = nogroup
  # logins of others judged here
  unix_listener $d/auth.sock {
    mode = 0666
  }
  inet_listener {
    address = 192.0.2.143
    port = 4567
  }
  # who has a mailbox here; Dovecot knows what a socket is for by the end of its name
  unix_listener $d/auth-userdb {
    user = nobody
    mode = 0600
  }
}
# a wrong password is answered at once
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  client_limit = 100
}
# what a test adds
!include_try $d/more.conf
X
}

dovecot_start() {
    dovecot_configure
    inside dovecot -c "$W/dovecot/dovecot.conf" >"$W/dovecot/out" 2>&1 || { cat "$W/dovecot/out" >&2; return 1; }
    wait_for dovecot answers 192.0.2.143 24
    wait_for dovecot answers 192.0.2.143 143
}

dovecot_stop() { stop_pid "$W/dovecot/run/master.pid"; }

# --- all

peers_up() {
    ns_up
    tls_make
    tls_trust
    dns_start
    postfix_start
    dovecot_start
}

peers_down() {
    dovecot_stop
    postfix_stop
    dns_stop
    ns_down
}

work() { # work DIRECTORY: sets W
    W=$(realpath -m "${1:?which work directory?}")
    mkdir -p "$W"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    case ${1:-} in
        up | down) work "${2:-}"; "peers_$1" ;;
        start | stop) work "${3:-}"; tls_make; "${2}_$1" ;;
        send) work "${2:-}"; postfix_send "$3" "$4" ;;
        flush) work "${2:-}"; postfix_flush ;;
        mail) work "${2:-}"; postfix_mail "$3" ;;
        log) work "${3:-}"; cat "$W/$2"/*log ;;
        *) sed -n '5,12p' "$0" >&2; exit 2 ;;
    esac
fi
