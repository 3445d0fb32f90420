#!/bin/bash
# Exim beside the other peers (peers.sh up first), unpacked below WORK from its Debian packages and run in a root of its own:
# nothing of it is installed, for it cannot be beside Postfix. Packages are kept in /var/cache/hikyaku-peers. As root.
#
#   exim.sh start|stop WORK
#
# It takes user@exim.test, and mail for anywhere from the peers' own addresses. Maildir: WORK/exim/mail/user, log: WORK/exim/var/log/exim4/mainlog.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/peers.sh"
. "$here/unpacked.sh"

exim_configure() {
    local d=$W/exim
    host=mx.exim.test
    work=$W/exim-parts
    mkdir -p "$work" /var/cache/hikyaku-peers
    ln -sfn /var/cache/hikyaku-peers "$work/debs"
    cp "$W/tls/mx.postfix.test.pem" "$work/tls.pem" # nobody asks for its name
    cp "$W/tls/mx.postfix.test.key" "$work/tls.key"
    unpack "$d" exim4-base exim4-daemon-heavy libidn12 libmariadb3 libspf2-2
    libraries "$d" "$d/usr/sbin/exim4"
    mkdir -p "$d/etc/exim4" "$d"/var/{spool,log,lib}/exim4
    chown 64001:64001 "$d"/var/{spool,log,lib}/exim4 "$d/etc/tls.key"
    chmod u+s "$d/usr/sbin/exim4"
    install -d -o nobody "$d/mail"
    echo "nameserver 192.0.2.53" > "$d/etc/resolv.conf"
    printf 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\n' > "$d/etc/nsswitch.conf"
    echo 'user: user' > "$d/etc/boxes"
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

case ${1:-} in
    start | stop) work "${2:-}"; "exim_$1" ;;
    *) sed -n '5p' "$0" >&2; exit 2 ;;
esac
