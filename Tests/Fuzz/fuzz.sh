#!/bin/sh
# fuzz.sh PROGRAM SECONDS [TARGET...] - runs libFuzzer for so long on each target, from the corpus that is in the tree.
# What it finds is left in .build-fuzz/found. Fails if something is found.
set -eu
cd "$(dirname "$0")/../.."
program=$1 seconds=$2; shift 2
[ $# -gt 0 ] || set -- router-advertisement dhcpv6-message dhcpv6-association helper-reply
found=.build-fuzz/found
mkdir -p $found

# The messages as octets: hexadecimal digits, # begins a comment.
octets() {
    for file in "$1"/*.hex; do
        sed 's/#.*//' "$file" | tr -d ' \t\n' | perl -0777 -ne 'print pack "H*", $_' > "$2/$(basename "$file" .hex)"
    done
}

for target; do
    corpus=.build-fuzz/corpus/$target
    rm -rf "$corpus"; mkdir -p "$corpus"
    case $target in
        router-advertisement) octets Tests/NetworkSideTests/corpus/router-advertisement "$corpus" ;;
        dhcpv6-*) octets Tests/NetworkSideTests/corpus/dhcpv6 "$corpus" ;;
        helper-reply) cp Tests/DaemonTests/corpus/helper/* "$corpus" ;;
    esac
    echo "== $target"
    # Of a trap the backtrace would be looked for again and again.
    SWIFT_BACKTRACE=enable=no "$program" "$target" "$corpus" -max_total_time="$seconds" -max_len=4096 \
        -artifact_prefix="$found/$target-" -print_final_stats=1 2>&1 |
        grep -E '^(==|SUMMARY|stat::number|stat::new|Fatal|fuzz|artifact|INFO: seed|#[0-9]+.DONE)' || :
done
if ls $found/* > /dev/null 2>&1; then echo "found:"; ls $found; exit 1; fi
