#!/bin/sh
# Makes libodm.a out of SwiftPM's static library: one object in which only the interface is global. Without this,
# Swift's runtime symbols would meet those of a program that has its own.
#
#     static-library.sh .build/release/libodm-static.a libodm.a
set -eu

input=$1
output=$2
interface=$(sed -n 's/^        \([a-z_]*\);$/\1/p' "$(dirname "$0")/libodm.map")
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
object=$directory/odm.o

undefined=
keep=
for symbol in $interface; do
    undefined="$undefined -u $symbol"
    keep="$keep --keep-global-symbol=$symbol"
done

# shellcheck disable=SC2086 # lists of words
ld -r --gc-sections $undefined -o "$object" "$input"
# shellcheck disable=SC2086
objcopy $keep --strip-debug --remove-section=.swift1_autolink_entries --remove-section=.linker-options "$object"
rm -f "$output"
ar -rcD "$output" "$object"
