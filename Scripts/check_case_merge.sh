#!/bin/sh
# Sources/Octopi and Sources/octopi differ in case only. On a case-insensitive file system (macOS) a clone has one folder with the content
# of both. This builds such a tree in debug, and looks for names that would collide in it.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
scratch=${CHECK_SCRATCH:-$root/.build-merge}

collisions=$(cd "$root" && { git ls-files 2>/dev/null || find Sources Tests -type f; } | tr 'A-Z' 'a-z' | sort | uniq -d)
if [ -n "$collisions" ]; then
  echo "check_case_merge: files that differ in case only:" >&2
  echo "$collisions" | sed 's/^/        /' >&2
  exit 1
fi
for folder in "$root"/Sources/octopi/*/; do
  name=$(basename "$folder")
  if ls "$root/Sources/Octopi" | grep -qix "$name"; then
    echo "check_case_merge: '$name' is a folder of Sources/Octopi and of Sources/octopi" >&2
    exit 1
  fi
done

tree=$scratch/tree
rm -rf "$tree"
mkdir -p "$tree"
cp -R "$root/Sources" "$root/Tests" "$tree/"
cp "$root/Package.swift" "$tree/"
[ -f "$root/Package.resolved" ] && cp "$root/Package.resolved" "$tree/"
cp -R "$tree/Sources/octopi/." "$tree/Sources/Octopi/"
rm -rf "$tree/Sources/octopi"
sed 's|path: "Sources/octopi"|path: "Sources/Octopi"|' "$root/Package.swift" > "$tree/Package.swift"
swift build -q --package-path "$tree" --scratch-path "$scratch/build" --product octopi
"$scratch/build/debug/octopi" --version >/dev/null
echo "merged tree: builds in debug"
