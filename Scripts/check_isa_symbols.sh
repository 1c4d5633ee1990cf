#!/bin/sh
# Fails if an object of an ISA module defines a weak function that is not named after that module, or needs a generic function of
# the standard library or a function of the runtime. The linker keeps one copy of a weak function for the whole program, and it may be
# the one built for a newer CPU. What is allowed: descriptors (data) of types, and the entry of a witness table for a dead method.
# usage: check_isa_symbols.sh [BUILD_FOLDER]   after a plain `swift build -c release` (default: where that builds)
set -u
folder=${1:-$(swift build -c release --show-bin-path)}
status=0
count=0
for object in "$folder"/Kernels*.build/*.o "$folder"/Kernels*.build/*/*.o; do
  [ -e "$object" ] || continue
  module=${object#"$folder"/}
  module=${module%%.build/*}
  [ "$module" = Kernels ] || [ "$module" = KernelsTests ] && continue
  count=$((count + 1))
  bad=$(
    nm --defined-only "$object" | awk -v own="\$s${#module}$module" '$2 == "W" && index($3, own) != 1 { print "weak:  " $3 }'
    nm -u "$object" | awk '$1 == "U" && ($2 ~ /^\$s[^0-9]/ && $2 !~ /Mn$/ || $2 ~ /^swift_/ && $2 != "swift_deletedMethodError") { print "needs: " $2 }'
  )
  if [ -n "$bad" ]; then
    echo "$module, ${object##*/}:"
    echo "$bad" | swift demangle
    status=1
  fi
done
if [ "$count" -eq 0 ]; then
  echo "check_isa_symbols.sh: no objects of ISA modules in $folder; run swift build -c release first" >&2
  exit 2
fi
exit $status
