#!/bin/bash
# check-mutants.sh - puts each fault of mutants/ into the rules and plays histories until a promise breaks. Prints what
# caught it and after how many histories; fails if a fault survives, or does not fit the rules any more.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export HISTORIES=${HISTORIES:-20000} here root
# A fault may also make the rules go on for ever; without one they take a few seconds on a machine that is not busy.
export SECONDS_EACH=${SECONDS_EACH:-60}
scratch=$(mktemp -d)
export scratch
trap 'rm -rf "$scratch"' EXIT

# module NAME SOURCES...: compiles one module into the scratch directory.
module() {
    local name=$1
    shift
    swiftc -wmo -parse-as-library -swift-version 6 -package-name odmd -suppress-warnings \
        -module-name "$name" -I "$scratch" \
        -Xcc -D_GNU_SOURCE -Xcc "-fmodule-map-file=$root/Sources/CLibc/module.modulemap" \
        -emit-module -emit-module-path "$scratch/$name.swiftmodule" -c -o "$scratch/$name.o" "$@"
}

# The rules are compiled without optimization: that takes a third of the time, and they are played only shortly. The
# simulation is compiled once, so a fault may change what the rules do, but not what they store or offer.
module Mobility -Onone "$root"/Sources/Mobility/*.swift
module Simulation -O "$here"/*.swift
module simulate -O "$here"/simulate/*.swift

# play RULES: plays histories with these rules; prints "HISTORIES BREACH" if a promise breaks.
play() {
    swiftc -o "$1.out" "$1" "$scratch/Simulation.o" "$scratch/simulate.o"
    local status=0
    timeout "$SECONDS_EACH" "$1.out" --histories "$HISTORIES" > "$1.log" 2>&1 || status=$?
    [ "$status" = 124 ] && echo "- the rules go on for ever"
    sed -nE 's/^seed ([0-9]+): (.*)/\1 \2/p' "$1.log" | head -1 |
        while read -r seed breach; do echo "$((seed + 1)) $breach"; done
}

# check FAULT: one line for the table.
check() {
    local fault=$1 name caught work
    name=$(basename "$fault" .patch)
    work="$scratch/$name"
    mkdir -p "$work/Sources"
    cp -r "$root/Sources/Mobility" "$work/Sources/Mobility"
    if ! (cd "$work" && git apply -C1 "$fault") 2> "$work/error"; then
        echo "DOES NOT FIT  $name: $(head -1 "$work/error")"
        return
    fi
    if ! swiftc -Onone -wmo -parse-as-library -swift-version 6 -package-name odmd -suppress-warnings \
        -module-name Mobility -c -o "$work/Mobility.o" "$work"/Sources/Mobility/*.swift 2> "$work/error"; then
        echo "DOES NOT FIT  $name: $(grep -m1 error: "$work/error")"
        return
    fi
    caught=$(play "$work/Mobility.o")
    if [ -z "$caught" ]; then echo "SURVIVES      $name"; return; fi
    printf '%-34s %8s  %.70s\n' "$name" "${caught%% *}" "${caught#* }"
}
export -f play check

without=$(play "$scratch/Mobility.o")
if [ -n "$without" ]; then
    echo "The rules break a promise without any fault in them: seed $without" >&2
    exit 1
fi

printf '%-34s %8s  %s\n' fault histories 'caught by'
find "$here/mutants" -name '*.patch' | sort |
    xargs -P "$(nproc)" -I {} bash -c 'check "$1"' check {} | tee "$scratch/table"
faults=$(wc -l < "$scratch/table")
[ "$faults" -ge 8 ] || { echo "only $faults faults were tried" >&2; exit 1; }
if grep -E '^(SURVIVES|DOES NOT FIT)' "$scratch/table" >&2; then exit 1; fi
echo "$faults faults, each caught."
