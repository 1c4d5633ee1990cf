#!/bin/sh
# The portable path on a processor without AVX: segments and localises the pipeline project under an emulated Nehalem. The picks must
# have the bytes that octopi 1.7.0 wrote. An AVX instruction outside of the ISA modules ends the program with SIGILL.
#
#   Scripts/check_portable.sh PATH-TO-octopi
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
octopi=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
data=$root/Tests/Data/vectors/pipeline

if [ "$(uname -m)" != x86_64 ]; then
  echo "portable path: not tried (this machine is no x86-64)"
  exit 0
fi
if ! command -v qemu-x86_64 >/dev/null 2>&1; then
  echo "check_portable: qemu-x86_64 is missing: apt-get install qemu-user" >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cp -R "$data/config.json" "$data/static" "$data/model" "$work/"
cd "$work"
emulate() { qemu-x86_64 -cpu Nehalem "$octopi" "$@"; }
emulate segment --quiet -c config.json -mc model/model_config.yaml -mw model/blob.onnx --threads 1
emulate localize --quiet -c config.json --threads 1
expected=$data/expected/overlay/ExperimentRuns
find "$expected" -name 'octopi_1_*.json' | while read -r file; do
  cmp "$file" "overlay/ExperimentRuns/${file#"$expected"/}"
done
echo "portable path: the picks of octopi 1.7.0 on an emulated Nehalem"
