# Exim of Debian 13, for that of Debian 12 (4.96) does not know LIMITS, with the libraries that it wants: neither can be installed here, nor
# beside Postfix. To be sourced; fetch_exim downloads what is missing, as root.

exim_packages=(exim4-daemon-light exim4-base libc6 libcrypt1 libdb5.3t64 libgnutls-dane0t64 libgnutls30t64 libidn12 libidn2-0 libnsl2
    libpcre2-8-0 libunbound8 libtirpc3t64 libevent-2.1-7t64 libssl3t64 libnettle8t64 libhogweed6t64 libgmp10 libp11-kit0 libtasn1-6
    libunistring5 libffi8 libbrotli1 libzstd1 zlib1g libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1
    libnghttp2-14)
exim_cache=/var/cache/hikyaku-peers/debian13

fetch_exim() {
    local package missing=()
    for package in "${exim_packages[@]}"; do
        ls "$exim_cache/${package}"_*.deb > /dev/null 2>&1 || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || { echo "peers: run as root, missing in $exim_cache: ${missing[*]}" >&2; return 1; }
    mkdir -p "$exim_cache"
    (
        APT_CONFIG=$(later_debian "$exim_cache/apt")
        export APT_CONFIG
        cd "$exim_cache"
        apt-get update -qq
        apt-get download -qq "${missing[@]}"
    )
}
