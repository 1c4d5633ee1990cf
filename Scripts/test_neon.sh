#!/usr/bin/env bash
# Runs the checks of all kernels on the NEON kernels under an emulated ARM processor, and looks for vectors that leave their registers in
# the loops that matter. The sources are those of the package, as Embedded Swift for bare aarch64: kernels and checks need neither
# Foundation nor an operating system. Linked statically with the C library of Debian's cross compiler (position-independent, since its
# linker refuses the library's protected symbols in a plain static program). On an ARM machine `make test` runs the same checks.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
case $(uname -m) in arm64 | aarch64) echo "neon: this machine has it; make test runs its kernels"; exit 0 ;; esac
for tool in aarch64-linux-gnu-gcc aarch64-linux-gnu-objdump qemu-aarch64; do
  command -v $tool >/dev/null || { echo "test_neon.sh: $tool is missing: Scripts/prerequisites.sh neon" >&2; exit 2; }
done
tables=$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")/lib/swift/embedded/aarch64-none-none-elf/libswiftUnicodeDataTables.a
[ -e "$tables" ] || { echo "test_neon.sh: this Swift comes without Embedded Swift for aarch64" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for header in Sources/Kernels/CVector/include/cvector.h Tests/CLibm/include/clibm.h; do
  name=$(basename "$header" .h)
  [ "$name" = cvector ] && module=CVector || module=CLibm
  echo "module $module { header \"$root/$header\" }"
done >"$work/module.modulemap"

# usage: compile MODULE FLAGS... -- SOURCES...
compile() {
  local module=$1 flags=()
  shift
  while [ "$1" != -- ]; do flags+=("$1"); shift; done
  shift
  swiftc -enable-experimental-feature Embedded -target aarch64-none-none-elf -parse-as-library -wmo -swift-version 6 -I "$work" -module-name "$module" \
    -emit-module -emit-module-path "$work/$module.swiftmodule" "${flags[@]}" -c "$@" -o "$work/$module.o"
}

cd "$root"
compile KernelTable -O -- Sources/Kernels/Table/*.swift
compile KernelsNEON -Ounchecked -- Sources/Kernels/NEON/Vector.swift $(find Sources/Kernels/Source -name '*.swift') &
compile TestSupport -O -- Tests/Support/SplitMix64.swift
compile KernelChecks -O -- Tests/KernelChecks/*.swift
wait $!
compile NEONProgram -O -- Tests/NEONProgram/Program.swift
aarch64-linux-gnu-gcc -static-pie -fPIE -o "$work/program" Tests/NEONProgram/main.c "$work"/*.o "$tables" -lm
qemu-aarch64 "$work/program"

# The loops that take the time, and how many multiply-adds their bodies have at least: everything must stay in registers.
aarch64-linux-gnu-objdump -d --no-show-raw-insn "$work/KernelsNEON.o" | awk -v least=4 -f Scripts/inner_loops.awk | awk '
  { loops++; stack[$4] += $1; if ($2 > most[$4]) most[$4] = $2 }
  END {
    failed = 0
    split("products:24 directChannels:24 ProductTile:24 twoTapInput[^L]:18 twoTapInputLine:40 winogradInput[^L]:40 winogradInputLine:48" \
      " TwoTapPasses.*output:16 TwoTapPasses.*finishPhase:8 twoTapOutputLine:16 winogradOutputLine:36 OutputPassesO6output:16", watched, " ")
    for (i in watched) {
      split(watched[i], want, ":")
      found = 0
      for (name in most) if (name ~ "^<[$]e11KernelsNEON[0-9]+" want[1]) {
        if (most[name] >= want[2]) found = 1
        if (stack[name] > 0) { printf "neon, %d vectors on the stack in inner loops of %s\n", stack[name], name; failed = 1 }
      }
      if (!found) { printf "neon, no inner loop of %d multiply-adds in %s; has it been renamed, or is it not unrolled?\n", want[2], want[1]; failed = 1 }
    }
    if (!failed) print "neon, assembly: no spill in the inner loops of products, direct convolution and transforms"
    exit failed
  }'
