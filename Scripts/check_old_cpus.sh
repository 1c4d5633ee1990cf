#!/bin/sh
# Runs the tests of the kernels on emulated processors: one without AVX, which must do with the portable kernels, and one with AVX2.
# A function of a newer instruction set that got into an older path dies of an illegal instruction. Needs qemu-user.
set -eu
command -v qemu-x86_64 >/dev/null || { echo "check_old_cpus.sh: needs qemu-x86_64 (Debian: apt install qemu-user)" >&2; exit 2; }
swift build -c release -Xswiftc -enable-testing --build-tests
folder=$(swift build -c release -Xswiftc -enable-testing --show-bin-path)
for cpu in Nehalem Haswell; do
  echo "$cpu:"
  status=0
  log=$(qemu-x86_64 -cpu "$cpu" "$folder/octopiPackageTests.xctest" --testing-library swift-testing --filter KernelsTests --skip ThreadPoolTests 2>&1) || status=$?
  echo "$log" | grep -E "recorded an issue|Test run with" || true
  [ "$status" -eq 0 ] || { echo "check_old_cpus.sh: the tests ended with status $status on $cpu" >&2; exit 1; }
done
