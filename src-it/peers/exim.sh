#!/bin/bash
# Exim beside the other peers (peers.sh up first), unpacked below WORK from its Debian packages and run in a root of its own:
# nothing of it is installed (exim-packages.sh). As root.
#
#   exim.sh start|stop WORK
#   exim.sh send WORK FROM RCPT... < MESSAGE   hands it to Exim as a program of its host does
#
# It takes user@exim.test, and mail for anywhere from the peers' own addresses. Maildir: WORK/exim/mail/user, log: WORK/exim/var/log/exim4/mainlog.
# It tells its LIMITS: 3 messages a connection, 4 recipients a message. What is for far.test goes to mx.hikyaku.test.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/peers.sh"
. "$here/unpacked.sh"
. "$here/exim-packages.sh"

exim_configure() {
    local d=$W/exim box
    host=mx.exim.test
    work=$W/exim-parts
    fetch_exim
    mkdir -p "$work"
    ln -sfn "$exim_cache" "$work/debs"
    cp "$W/tls/mx.postfix.test.pem" "$work/tls.pem" # nobody asks for its name
    cp "$W/tls/mx.postfix.test.key" "$work/tls.key"
    unpack "$d" "${exim_packages[@]}"
    ldconfig -r "$d"
    mkdir -p "$d/etc/exim4" "$d"/var/{spool,log,lib}/exim4
    chown 64001:64001 "$d"/var/{spool,log,lib}/exim4 "$d/etc/tls.key"
    chmod u+s "$d/usr/sbin/exim4"
    install -d -o nobody "$d/mail"
    echo "nameserver 192.0.2.53" > "$d/etc/resolv.conf"
    printf 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\n' > "$d/etc/nsswitch.conf"
    for box in user u1 u2 u3 u4 u5 u6; do echo "$box: $box"; done > "$d/etc/boxes"
    cat > "$d/etc/exim4/exim4.conf" << 'X'
primary_hostname = mx.exim.test
qualify_domain = exim.test
daemon_smtp_ports = 25
local_interfaces = 192.0.2.27
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts = *
tls_certificate = /etc/tls.pem
tls_privatekey = /etc/tls.key
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
limits_advertise_hosts = *
smtp_accept_max_per_connection = 3
recipients_max = ${if def:sender_host_address {4}{1000}}
log_selector = +subject +received_recipients
never_users = root
keep_environment =
domainlist local_domains = exim.test
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
begin acl
acl_rcpt:
  accept domains = +local_domains
         verify = recipient
  accept hosts = 192.0.2.25 : 192.0.2.27
  deny message = relay not permitted
acl_data:
  accept
begin routers
local:
  driver = accept
  domains = +local_domains
  local_parts = lsearch;/etc/boxes
  transport = maildir
far:
  driver = manualroute
  domains = far.test
  route_list = * mx.hikyaku.test
  transport = out
elsewhere:
  driver = dnslookup
  domains = ! +local_domains
  transport = out
begin transports
maildir:
  driver = appendfile
  directory = /mail/$local_part_data
  maildir_format
  create_directory
  return_path_add
  user = nobody
  group = nogroup
out:
  driver = smtp
  interface = 192.0.2.27
  max_rcpt = 1000
begin retry
* * F,1h,5s
X
    chmod 644 "$d/etc/exim4/exim4.conf"
}

exim_start() {
    exim_configure
    inside setsid chroot "$W/exim" /usr/sbin/exim4 -bdf -q1m -oP /run/exim.pid > "$W/exim/out" 2>&1 < /dev/null &
    wait_for exim answers 192.0.2.27 25
}

exim_stop() { stop_pid "$W/exim/run/exim.pid"; }

exim_send() { # exim_send FROM RCPT...
    local from=$1
    shift
    inside chroot "$W/exim" /usr/sbin/exim4 -odb -oi -f "$from" "$@"
}

case ${1:-} in
    start | stop) work "${2:-}"; "exim_$1" ;;
    send) work "${2:-}"; shift 2; exim_send "$@" ;;
    *) sed -n '5,6p' "$0" >&2; exit 2 ;;
esac
