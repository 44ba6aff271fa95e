# What the hosts' install.sh have in common. Read in a fresh Debian, as root, with systemd running.
# shellcheck shell=sh
set -eu
umask 022
export DEBIAN_FRONTEND=noninteractive
export inputs=/run/inputs
# Of it `handed` goes to the hosts that are made after this one and have it in their `needs`: $inputs/handed/NAME.
outputs=/run/outputs
# The folder of this host's own files.
export here="$inputs/$LIVE_HOST"
: >"$outputs/secrets.txt"

# Makes a secret, writes it into the list that tests search for, and prints it: WHERE PREFIX
# All of them have `Planted` in the middle, so that one look finds any.
plant() {
    value=$2Planted$(od -An -N10 -tx1 /dev/urandom | tr -d ' \n')
    plant_as "$1" "$value"
    printf %s "$value"
}

# Writes down a secret in one more of its forms, such as encoded for an address: WHERE VALUE
plant_as() { printf '%s\t%s\n' "$1" "$2" >>"$outputs/secrets.txt"; }

# Writes down each line of a private key: WHERE FILE
plant_key() {
    grep -v -e '^-----' "$2" | while read -r line; do
        # The last line of a key may be so short that it is found anywhere.
        [ "${#line}" -lt 24 ] || plant_as "$1" "$line"
    done
}

# Locale and time zone, before any package asks for them: LOCALE ZONE
speak() {
    echo "$1 UTF-8" >>/etc/locale.gen
    locale-gen
    update-locale LANG="$1"
    ln -sf "/usr/share/zoneinfo/$2" /etc/localtime
    echo "$2" >/etc/timezone
    export LANG="$1"
}

# Packages, as an administrator asks for them.
get() { apt-get install -qqy --no-install-recommends --option Dpkg::Options::=--force-unsafe-io "$@"; }

# A user of the site, who may log in with the tests' key: NAME HOME
person() {
    useradd --create-home --home-dir "$2" --shell /bin/bash "$1"
    chmod 0755 "$2"
    install -d -m 0700 -o "$1" -g "$1" "$2/.ssh"
    install -m 0600 -o "$1" -g "$1" "$inputs/key.pub" "$2/.ssh/authorized_keys"
}

# A virtual environment with what a file of requirements says, or with what is named: FOLDER ARGUMENTS...
environment() {
    folder=$1
    shift
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --only-binary :all: "$@"
}

# Runs a command as a unit with a file of variables would: USER FOLDER FILE COMMAND...
as_unit() {
    who=$1 folder=$2 file=$3
    shift 3
    systemd-run --quiet --wait --pipe --collect --uid="$who" --property=WorkingDirectory="$folder" \
        --property=EnvironmentFile="$file" --property=UMask=0027 "$@"
}

# A private authority, which stands for a public one: a root and one that issues.
authority() {
    folder=$outputs/authority
    mkdir -p "$folder"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -keyout "$folder/root.key" \
        -out "$outputs/root.pem" -subj '/O=Live Hosts/CN=Live Hosts Root' \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$folder/issuer.key" \
        -out "$folder/issuer.csr" -subj '/O=Live Hosts/CN=Live Hosts Issuer'
    printf '%s\n' basicConstraints=critical,CA:TRUE,pathlen:0 keyUsage=critical,keyCertSign,cRLSign \
        subjectKeyIdentifier=hash authorityKeyIdentifier=keyid >"$folder/issuer.cnf"
    openssl x509 -req -in "$folder/issuer.csr" -CA "$outputs/root.pem" -CAkey "$folder/root.key" -CAcreateserial \
        -days 1800 -extfile "$folder/issuer.cnf" -out "$folder/issuer.pem"
}

# A certificate with its chain and its key, as such authorities send them: FOLDER KEY DAYS NAME...
# KEY is ecdsa or rsa.
certificate() {
    target=$1 key=$2 days=$3
    shift 3
    install -d -m 0700 "$target"
    case $key in
    ecdsa) set -- "$@" -newkey ec -pkeyopt ec_paramgen_curve:P-256 ;;
    rsa) set -- "$@" -newkey rsa:2048 ;;
    esac
    list='' first=''
    while [ "$1" != -newkey ]; do
        list=$list${list:+,}DNS:$1
        first=${first:-$1}
        shift
    done
    openssl req "$@" -nodes -keyout "$target/privkey.pem" -out "$outputs/authority/leaf.csr" -subj "/CN=$first"
    printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature extendedKeyUsage=serverAuth \
        "subjectAltName=$list" subjectKeyIdentifier=hash authorityKeyIdentifier=keyid >"$outputs/authority/leaf.cnf"
    openssl x509 -req -in "$outputs/authority/leaf.csr" -CA "$outputs/authority/issuer.pem" \
        -CAkey "$outputs/authority/issuer.key" -CAcreateserial -days "$days" -extfile "$outputs/authority/leaf.cnf" \
        -out "$target/cert.pem"
    cat "$target/cert.pem" "$outputs/authority/issuer.pem" >"$target/fullchain.pem"
    chmod 0600 "$target/privkey.pem"
    plant_key "private key in $target" "$target/privkey.pem"
}

# Puts newer packages into /root/updates, the same but for their version, as a security update of Debian is nearly:
# `dpkg --install /root/updates/*.deb` is then an update that needs no network: PACKAGE...
updates() {
    install -d -m 0755 "$outputs/updates"
    (cd "$outputs/updates" && apt-get download --quiet --quiet "$@")
    install -d /root/updates
    for package in "$outputs"/updates/*.deb; do
        dpkg-deb --raw-extract "$package" "$package.tree"
        sed -i 's/^Version: .*/&+deb12u99/' "$package.tree/DEBIAN/control"
        dpkg-deb --root-owner-group -Znone --build "$package.tree" /root/updates
    done
    rm -rf "$outputs/updates"
}

# What every one of these hosts has: keys of its own for ssh, and somebody who may log in and nothing else.
dpkg-reconfigure openssh-server
printf '%s\n' 'PasswordAuthentication no' 'PermitRootLogin no' >/etc/ssh/sshd_config.d/site.conf
systemctl restart ssh
person visitor /home/visitor
chmod 0700 /home/visitor
apt-get update -qq
