#!/bin/sh
# Draws Docs/demo.png: two tomograms of the demo with the labels and picks that octopi found in them.
#
#   Scripts/make_picture.sh .build/release/octopi
set -eu
repository=$(cd "$(dirname "$0")/.." && pwd)
octopi=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R "$repository/Examples/demo" "$folder/octopi-demo"
cp -R "$repository/Tests/Data/demo/overlay" "$folder/octopi-demo/overlay"
cd "$folder/octopi-demo"
"$octopi" preview -c config.json --picks octopi/1 --seg-uri predict:unet/1 --run-ids TS_1_4,TS_6_6 -o picture >/dev/null
cp picture/preview.png "$repository/Docs/demo.png"
echo "drew Docs/demo.png"
