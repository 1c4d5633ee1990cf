#!/usr/bin/env bash
# Do the sums of convolutions stay in registers? Reads the assembly of a release program: in the functions below no vector may go to the
# stack or come from there. A tile that is a little too large, or a loop that the compiler does not unroll, costs a factor of four.
# Usage: Scripts/check_spills.sh .build/release/octopi (x86-64 only)
set -euo pipefail
program=${1:?usage: check_spills.sh PROGRAM}
[ "$(uname -m)" = x86_64 ] || { echo "spills: looked at on x86-64 only"; exit 0; }
objdump -d --no-show-raw-insn "$program" | awk '
  /^[0-9a-f]+ </ { name = $2; watched = name ~ /Kernels(AVX2|AVX512)[0-9]+products/ || name ~ /KernelsAVX512[0-9]+directChannels/; found += watched }
  watched && /[xyz]mm/ && /\((%rsp|%rbp)/ { spills[name]++ }
  END {
    for (name in spills) { printf "%d vectors on the stack in %s\n", spills[name], name; failed = 1 }
    if (!found) { print "spills: no function of that name; has it been renamed?"; failed = 1 }
    if (!failed) print "spills: none in " found " functions"
    exit failed
  }'
