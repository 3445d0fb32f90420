# Functions for servers that are not installed but unpacked from their Debian packages, and run in a root of their own. To be
# sourced; $work holds debs/ (what is missing there is downloaded), tls.pem and tls.key; $host is the name of the server.

later_debian() { # later_debian DIR: prints the name of a configuration of apt's that knows Debian 13 alone; nothing of the host's is touched
    local a=$1 site # where the host has its own packages from
    site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | awk '/\/debian\/*$/ && !n++')
    [ -n "$site" ] || { echo "peers: apt knows no site of Debian packages" >&2; return 1; }
    mkdir -p "$a/lists/partial" "$a/cache/archives/partial"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site trixie main" > "$a/sources.list"
    cat > "$a/apt.conf" << X
Dir::Etc::sourcelist "$a/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$a/lists";
Dir::Cache "$a/cache";
APT::Sandbox::User "root";
X
    echo "$a/apt.conf"
}

unpack() { # unpack ROOT PACKAGE...
    local root=$1 package
    shift
    mkdir -p "$work/debs" "$root"/{etc/ssl/certs,dev,tmp,run,usr/lib,usr/sbin,usr/bin,usr/lib64,var/log,root}
    for package in "$@"; do
        (cd "$work/debs" && { ls "${package}"_*.deb > /dev/null 2>&1 || apt-get download -qq "$package"; })
        dpkg -x "$work/debs/${package}"_*.deb "$work/unpacked-${root##*/}"
    done
    cp -a "$work/unpacked-${root##*/}/usr/." "$root/usr/"
    for link in lib lib64 bin; do [ -e "$root/$link" ] || ln -s "usr/$link" "$root/$link"; done
    [ -e "$root/var/run" ] || ln -s ../run "$root/var/run"
    [ -e "$root/dev/null" ] || {
        mknod -m 666 "$root/dev/null" c 1 3
        mknod -m 666 "$root/dev/urandom" c 1 9
        mknod -m 666 "$root/dev/random" c 1 8
    }
    chmod 1777 "$root/tmp"
    cat > "$root/etc/passwd" << 'X'
root:x:0:0:root:/root:/bin/sh
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/tmp:/usr/sbin/nologin
Debian-exim:x:64001:64001::/var/spool/exim4:/usr/sbin/nologin
opensmtpd:x:64002:64002::/var/lib/opensmtpd/empty:/usr/sbin/nologin
opensmtpq:x:64003:64003::/var/lib/opensmtpd/empty:/usr/sbin/nologin
joe:x:64004:64004::/home/joe:/usr/sbin/nologin
X
    printf '%s\n' root:x:0: mail:x:8: nogroup:x:65534: Debian-exim:x:64001: opensmtpd:x:64002: opensmtpq:x:64003: joe:x:64004: \
        > "$root/etc/group"
    printf 'passwd: files\ngroup: files\nhosts: files\nservices: files\n' > "$root/etc/nsswitch.conf"
    printf '127.0.0.1 localhost %s\n' $host > "$root/etc/hosts"
    echo $host > "$root/etc/mailname"
    : > "$root/etc/resolv.conf"
    cp /etc/services "$root/etc/" 2> /dev/null || true
    cp /etc/ssl/openssl.cnf "$root/etc/ssl/" 2> /dev/null || true
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2> /dev/null || true
    install -m 600 "$work/tls.key" "$root/etc/tls.key"
    install -m 644 "$work/tls.pem" "$root/etc/tls.pem"
}

libraries() { # libraries ROOT BINARY: what it is linked with
    local root=$1 file
    LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu ldd "$2" | awk '/=> \//{ print $3 } $1 ~ /^\/lib.*ld-/{ print $1 }' | while read -r file; do
        case $file in "$root"/*) continue ;; esac
        mkdir -p "$root$(dirname "$file")"
        cp -nL "$file" "$root$file"
    done
    mkdir -p "$root/usr/lib/x86_64-linux-gnu"
    cp -nL /lib/x86_64-linux-gnu/libnss_files.so.2 "$root/usr/lib/x86_64-linux-gnu/" 2> /dev/null || true
    ldconfig -r "$root"
}
