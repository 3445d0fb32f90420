#!/bin/bash
# Installs the peers that Hikyaku is tried with, from Debian packages. As root. Does nothing where all are there.
# No service is started, none of their files in /etc is changed.
set -euo pipefail

packages=(postfix dovecot-core dovecot-imapd dovecot-pop3d dovecot-lmtpd bind9 bind9-dnsutils
    mutt swaks libnet-ssleay-perl libio-socket-inet6-perl msmtp curl python3 strace iproute2 openssl ca-certificates)

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/unpacked.sh"
. "$here/exim-packages.sh"
fetch_exim # exim.sh unpacks it

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "peers: all packages are installed"
    exit 0
fi
[ "$(id -u)" = 0 ] || { echo "peers: run as root, missing: ${missing[*]}" >&2; exit 1; }

export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod 755 $policy
fi
echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}"
echo "peers: installed ${missing[*]}"
