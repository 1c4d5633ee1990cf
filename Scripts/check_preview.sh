#!/bin/sh
# Opens pages of `octopi preview` in a headless Chromium, and checks what a user sees there: 15 observations, one line each.
#
#   Scripts/check_preview.sh .build/release/octopi
#
# CHROMIUM=program takes another browser. Without any, the check is left out, and says so.
set -eu
repository=$(cd "$(dirname "$0")/.." && pwd)
octopi=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")

browser=${CHROMIUM:-}
for name in chromium chromium-browser google-chrome google-chrome-stable "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
  [ -z "$browser" ] && browser=$(command -v "$name" || true)
done
if [ -z "$browser" ]; then
  echo "preview: SKIPPED, nothing was checked: there is no Chromium (Debian: apt-get install chromium; or CHROMIUM=program)"
  exit 0
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
cd "$repository"
swift build -q -c release --product PreviewCheck
.build/release/PreviewCheck "$browser" "$octopi" "$repository" "$folder"
