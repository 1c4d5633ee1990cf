#!/bin/sh
# Installs what the build needs and this machine lacks, or prints the command that would.
#
#   Scripts/prerequisites.sh [build|check|neon]
#
# check: also the emulator that `make check` runs the portable path under; neon: also the cross compiler and emulator of `make test-neon`.
#
# Debian and Ubuntu: apt, as root or through sudo without a password. macOS: names the brew packages. Silent when nothing is missing.
set -u
what=${1:-build}

say() { echo "prerequisites: $*" >&2; }

if ! command -v swift >/dev/null 2>&1; then
  say "Swift 6.2 or newer is needed, and no 'swift' was found"
  say "install it from https://www.swift.org/install and put its usr/bin into PATH"
  exit 1
fi
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -1)
set -- $version
if [ $# -eq 2 ] && { [ "$1" -lt 6 ] || { [ "$1" -eq 6 ] && [ "$2" -lt 2 ]; }; }; then
  say "Swift 6.2 or newer is needed, this is $1.$2"
  say "install a newer one from https://www.swift.org/install"
  exit 1
fi

# header: apt package, brew package
libraries="protobuf-c/protobuf-c.h:libprotobuf-c-dev:protobuf-c blosc.h:libblosc-dev:c-blosc zstd.h:libzstd-dev:zstd
zlib.h:zlib1g-dev:zlib png.h:libpng-dev:libpng"

found() {
  for folder in /usr/include /usr/include/*-linux-* /usr/local/include /opt/homebrew/include /opt/homebrew/opt/*/include; do
    [ -e "$folder/$1" ] && return 0
  done
  return 1
}

apt="" brew=""
for library in $libraries; do
  header=${library%%:*} packages=${library#*:}
  found "$header" || { apt="$apt ${packages%%:*}"; brew="$brew ${packages##*:}"; }
done
if [ "$(uname -s)" = Darwin ]; then
  [ -z "$brew" ] && exit 0
  say "libraries are missing; install them with"
  say "    brew install$brew"
  exit 1
fi
missing() { [ "$(uname -m)" = x86_64 ] && ! command -v "$1" >/dev/null 2>&1; }
case $what in
  check) missing qemu-x86_64 && apt="$apt qemu-user" ;;
  neon)
    missing qemu-aarch64 && apt="$apt qemu-user"
    missing aarch64-linux-gnu-gcc && apt="$apt gcc-aarch64-linux-gnu"
    [ -e /usr/aarch64-linux-gnu/lib/libc.a ] || ! [ "$(uname -m)" = x86_64 ] || apt="$apt libc6-dev-arm64-cross"
    ;;
esac

# The browser is large and nice to have: without it that check is left out, and says so. Ubuntu's package needs snap.
browser=""
if [ "$what" = check ] && ! command -v chromium >/dev/null 2>&1 && grep -q '^ID=debian' /etc/os-release 2>/dev/null; then
  browser=chromium
fi
[ -z "$apt$browser" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  [ -z "$apt" ] && exit 0
  say "libraries are missing; install your distribution's packages of"
  say "   $apt"
  exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
  become=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  become="sudo"
elif [ -z "$apt" ]; then
  say "no rights to install a browser: sudo apt-get install $browser"
  exit 0
else
  say "libraries are missing; install them with"
  say "    sudo apt-get install$apt"
  exit 1
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
  say "installing $*"
  apt_install() { $become env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$log" 2>&1; }
  apt_install "$@" || { $become apt-get update >"$log" 2>&1 && apt_install "$@"; } || { cat "$log" >&2; return 1; }
}
if [ -n "$apt" ] && ! install $apt; then
  say "apt-get failed; install by hand: apt-get install$apt"
  exit 1
fi
if [ -n "$browser" ] && ! install $browser; then
  say "no browser could be installed: apt-get install $browser"
fi
