#!/bin/bash
# The conformance suite (src-it/dialogs) against Hikyaku and, from Debian packages, Postfix, Exim and OpenSMTPD. As root.
#
#   conformance.sh run WORK [hikyaku|postfix|exim|opensmtpd]...   all four where none is named; a report of each: WORK/NAME.tsv
#   conformance.sh table WORK                                   the reports side by side, as docs/conformance.md has them
#
# Each server runs on loopback, with a configuration, a spool and a log of its own below WORK; nothing else of the machine is
# touched. Postfix and Dovecot (which knows the password for Postfix) must be installed (install.sh); Exim and OpenSMTPD are
# downloaded and unpacked below WORK and run in a root of their own. Every server takes mail for peer.test, where joe and the
# postmaster are, offers TLS, and lets joe log in; beyond that it is as its makers deliver it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/unpacked.sh"
launcher=${HIKYAKU:-$top/mta-server/target/dist/bin/hikyaku}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
host=mx.peer.test
user=joe@peer.test
password='flying foot 47'

running() { kill -0 "$1" 2> /dev/null; }

end() { # end PID: in order, or not
    local i
    kill "$1" 2> /dev/null || return 0
    for i in $(seq 100); do
        running "$1" || return 0
        sleep 0.1
    done
    kill -9 "$1" 2> /dev/null || true
}

await() { # await PORT PID LOG: until it greets
    local i
    for i in $(seq 300); do
        if (exec 3<> "/dev/tcp/127.0.0.1/$1" && timeout 2 head -c 3 <&3 | grep -q 220) 2> /dev/null; then return 0; fi
        [ -z "$2" ] || running "$2" || break
        sleep 0.1
    done
    tail -20 "$3" >&2
    return 1
}

certificate() {
    [ -s "$work/tls.pem" ] && return 0
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$host" \
        -addext "subjectAltName=DNS:$host" -keyout "$work/tls.key" -out "$work/tls.pem" 2> /dev/null
}

# --- Hikyaku

hikyaku_start() {
    local d=$work/hikyaku
    rm -rf "$d"
    mkdir -p "$d"
    cat > "$d/hikyaku.conf" << X
hostname = $host
data_dir = "$d/data"
local { domains = [peer.test], postmaster = "$user", maildir_root = "$d/mail" }
auth.users = "$d/users"
tls { certificate = "$work/tls.pem", key = "$work/tls.key" }
spool.reserve = 0B
listeners {
  mx.endpoints = ["127.0.0.1:$port"]
  submission.endpoints = ["127.0.0.1:$((port + 1))"]
  submissions.endpoints = []
  lmtp { mode = lmtp, endpoints = ["127.0.0.1:$((port + 2))"] }
  proxied { mode = mx, endpoints = ["127.0.0.1:$((port + 3))"], proxy { networks = ["127.0.0.0/8"], header = require } }
  spoken { mode = mx, endpoints = ["127.0.0.1:$((port + 4))"], proxy { networks = ["127.0.0.0/8"], xclient = true } }
}
X
    touch "$d/users"
    chmod 600 "$work/tls.key"
    echo "$password" | "$launcher" user add -c "$d/hikyaku.conf" "$user" > /dev/null
    "$launcher" serve -c "$d/hikyaku.conf" > "$d/log" 2>&1 < /dev/null &
    pid=$!
    await "$port" $pid "$d/log"
    more=(submission=127.0.0.1:$((port + 1)) lmtp=127.0.0.1:$((port + 2)) proxied=127.0.0.1:$((port + 3)) spoken=127.0.0.1:$((port + 4)))
}

hikyaku_version() { "$launcher" version | head -1; }

# --- Postfix, with Dovecot for its logins

dovecot_start() {
    local d=$work/dovecot
    mkdir -p "$d/run"
    printf '%s:{PLAIN}%s\n' "$user" "$password" > "$d/users"
    cat > "$d/dovecot.conf" << X
base_dir = $d/run
state_dir = $d/run
log_path = $d/log
protocols =
ssl = no
auth_mechanisms = plain login
passdb {
  driver = passwd-file
  args = $d/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$d
}
service auth {
  unix_listener $work/postfix/spool/private/auth {
    mode = 0666
  }
}
X
    chmod 644 "$d/users" "$d/dovecot.conf"
    dovecot -F -c "$d/dovecot.conf" > "$d/out" 2>&1 < /dev/null &
    dovecot_pid=$!
}

postfix_start() {
    local d=$work/postfix
    mkdir -p "$d/etc" "$d/spool/private" "$d/data"
    chmod 755 "$d" "$d/etc" "$d/spool"
    chown postfix "$d/data" "$d/spool/private"
    chmod 700 "$d/data"
    cat > "$d/etc/main.cf" << X
compatibility_level = 3.6
queue_directory = $d/spool
data_directory = $d/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = $d
maillog_file = $d/maillog
myhostname = $host
myorigin = peer.test
mydestination =
alias_maps =
alias_database =
mynetworks = 192.0.2.254/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = peer.test
virtual_mailbox_maps = inline:{{joe@peer.test = joe}, {postmaster@peer.test = joe}}
virtual_transport = discard:
default_transport = discard:
smtpd_tls_cert_file = $work/tls.pem
smtpd_tls_key_file = $work/tls.key
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_tls_auth_only = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
X
    awk -v p="$port" '
        /^smtp +inet/ {
            print "127.0.0.1:" p " inet n - n - - smtpd"
            print "127.0.0.1:" p + 3 " inet n - n - - smtpd -o smtpd_upstream_proxy_protocol=haproxy"
            print "127.0.0.1:" p + 4 " inet n - n - - smtpd -o smtpd_authorized_xclient_hosts=127.0.0.1"
            next
        }
        /^[a-z0-9]/ && $5 == "y" { $5 = "n" }
        { print }' /usr/share/postfix/master.cf.dist > "$d/etc/master.cf"
    dovecot_start
    postfix -c "$d/etc" start > "$d/out" 2>&1
    pid=
    await "$port" "" "$d/maillog"
    more=(proxied=127.0.0.1:$((port + 3)) spoken=127.0.0.1:$((port + 4)))
}

postfix_stop() {
    postfix -c "$work/postfix/etc" stop > /dev/null 2>&1 || true
    end "$dovecot_pid"
}

postfix_version() { echo "Postfix $(postconf -h -c "$work/postfix/etc" mail_version) (Debian $(dpkg-query -W -f '${Version}' postfix))"; }

# --- Exim

exim_start() {
    local d=$work/exim
    unpack "$d" exim4-base exim4-daemon-heavy libidn12 libmariadb3 libspf2-2
    libraries "$d" "$d/usr/sbin/exim4"
    mkdir -p "$d/etc/exim4" "$d"/var/{spool,log,lib}/exim4
    chown 64001:64001 "$d"/var/{spool,log,lib}/exim4 "$d/etc/tls.key"
    chmod u+s "$d/usr/sbin/exim4"
    cat > "$d/etc/exim4/exim4.conf" << X
primary_hostname = $host
qualify_domain = peer.test
daemon_smtp_ports = $port
local_interfaces = 127.0.0.1
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts = *
tls_certificate = /etc/tls.pem
tls_privatekey = /etc/tls.key
auth_advertise_hosts = \${if eq{\$tls_in_cipher}{}{}{*}}
dsn_advertise_hosts = *
recipient_unqualified_hosts = *
never_users = root
keep_environment =
domainlist local_domains = peer.test
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
begin acl
acl_rcpt:
  accept domains = +local_domains
         verify = recipient
  accept authenticated = *
  deny message = relay not permitted
acl_data:
  accept
begin routers
local:
  driver = redirect
  domains = +local_domains
  local_parts = joe : postmaster
  data = :blackhole:
elsewhere:
  driver = redirect
  domains = ! +local_domains
  data = :blackhole:
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{$user}}{eq{\$auth3}{$password}}}}
  server_set_id = \$auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{\$auth1}{$user}}{eq{\$auth2}{$password}}}}
  server_set_id = \$auth1
X
    chmod 644 "$d/etc/exim4/exim4.conf"
    setsid chroot "$d" /usr/sbin/exim4 -bdf -q30m > "$work/exim.log" 2>&1 < /dev/null &
    pid=$!
    await "$port" $pid "$work/exim.log"
}

exim_version() { echo "Exim $(chroot "$work/exim" /usr/sbin/exim4 -bV | awk 'NR == 1 { print $3 }') (Debian $(basename "$work"/debs/exim4-daemon-heavy_*.deb | cut -d_ -f2))"; }

# --- OpenSMTPD: of Debian 13 with the libraries that it wants, for that of Debian 12 (6.8.0p2) can do no TLS with OpenSSL 3, which upstream
# mended in 7.4 (its issue 1171)

opensmtpd_start() {
    local d=$work/opensmtpd apt
    apt=$(later_debian "$work/apt")
    ls "$work"/debs/opensmtpd_7*.deb > /dev/null 2>&1 || APT_CONFIG=$apt apt-get update -qq
    APT_CONFIG=$apt unpack "$d" opensmtpd libc6 libcrypt1 libdb5.3t64 libevent-2.1-7t64 libpam0g libssl3t64 zlib1g libaudit1 libcap-ng0 libzstd1
    ldconfig -r "$d"
    mkdir -p "$d/var/spool/smtpd" "$d/var/lib/opensmtpd/empty"
    chmod 711 "$d/var/spool/smtpd"
    install -d -m 755 "$d/home"
    install -d -m 700 -o 64004 -g 64004 "$d/home/joe"
    echo "$user $(openssl passwd -6 "$password")" > "$d/etc/logins"
    cat > "$d/etc/smtpd.conf" << X
pki $host cert "/etc/tls.pem"
pki $host key "/etc/tls.key"
table boxes { "joe@peer.test" = joe, "postmaster@peer.test" = joe, "postmaster" = joe }
table logins file:/etc/logins
listen on 127.0.0.1 port $port hostname $host tls pki $host auth-optional <logins>
action "local" maildir "/home/joe/mail" virtual <boxes>
action "elsewhere" relay
match from any for domain "peer.test" action "local"
match from local for local action "local"
match auth from any for any action "elsewhere"
X
    chmod 600 "$d/etc/smtpd.conf" "$d/etc/tls.key"
    chmod 644 "$d/etc/logins"
    setsid chroot "$d" /usr/sbin/smtpd -d -f /etc/smtpd.conf > "$work/opensmtpd.log" 2>&1 < /dev/null &
    pid=$!
    await "$port" $pid "$work/opensmtpd.log"
}

opensmtpd_version() { echo "OpenSMTPD (Debian $(basename "$work"/debs/opensmtpd_*.deb | cut -d_ -f2))"; }

# --- the suite

stop_now() {
    [ -z "${current:-}" ] && return 0
    if declare -F "${current}_stop" > /dev/null; then "${current}_stop"; fi
    [ -z "${pid:-}" ] || end "$pid"
    current=
}

hold() { # hold NAME PORT
    local code=0
    current=$1 port=$2 pid= dovecot_pid= more=()
    rm -f "$work/$1.tsv"
    "$1_start"
    "$1_version" > "$work/$1.version"
    "$java" -cp "${CONFORMANCE_CLASSPATH:-$top/src-it/target/classes}" org.hikyaku.it.dialog.Conformance "$top/src-it/dialogs" \
        target=127.0.0.1:"$port" local=$user user=$user "password=$password" report="$work/$1.tsv" "${more[@]}" \
        > "$work/$1.out" || code=$?
    stop_now
    # 1 is also what Java says when it cannot begin
    [ $code -le 1 ] && [ -s "$work/$1.tsv" ] || { tail -5 "$work/$1.out" >&2; echo "no report of $1 (a JDK 25 is needed: JAVA_HOME)" >&2; return 3; }
    echo "$1: $(cat "$work/$1.version")"
    sed -n '/^RFC /,$p' "$work/$1.out"
}

run() {
    local at=2600 name
    mkdir -p "$work"
    work=$(cd "$work" && pwd)
    chmod 755 "$work"
    certificate
    trap stop_now EXIT
    for name in "$@"; do
        at=$((at + 10))
        hold "$name" $at
    done
}

usage() {
    sed -n '2,11s/^# \{0,1\}//p' "$0" >&2
    exit 64
}

work=${2:-}
[ -n "$work" ] || usage
case $1 in
    run) shift 2; [ $# -gt 0 ] || set -- hikyaku postfix exim opensmtpd; run "$@" ;;
    table) exec python3 "$here/conformance.py" "$work" ;;
    *) usage ;;
esac
