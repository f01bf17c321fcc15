#!/bin/sh
# fuzz.sh PROGRAM SECONDS [TARGET...] - runs libFuzzer for so long on each target, from the corpus that is in the tree.
# What it finds is left in .build-fuzz/found. Fails if something is found, or a target does not run.
set -eu
cd "$(dirname "$0")/../.."
program=$1 seconds=$2; shift 2
[ $# -gt 0 ] ||
    set -- router-advertisement prefix-information dhcpv6-message dhcpv6-association helper-reply stored-lease program
messages=Tests/NetworkSideTests/corpus
found=.build-fuzz/found
mkdir -p $found

# octets DIRECTORY TO [EXPRESSION [SUFFIX]]: the messages as octets, or what the expression in Perl makes of each ($_).
# In the files they are hexadecimal digits; # begins a comment.
octets() {
    for file in "$1"/*.hex; do
        sed 's/#.*//' "$file" | tr -d ' \t\n' |
            perl -0777 -ne '$_ = pack "H*", $_; print '"${3:-\$_}" > "$2/$(basename "$file" .hex)${4:-}"
    done
}

# conversations TO: each message heard by a client that has come as far as the number says (DHCPv6Conversation), and
# again after the next deadline.
conversations() {
    for state in 0 1 2 3 4 5 6 7; do
        heard='"\x{a0}" . chr(length) . $_'
        octets $messages/dhcpv6 "$1" "chr($state) . $heard . chr(0x20) . $heard" "-$state"
    done
}

begin() {
    case $1 in
        router-advertisement) octets $messages/router-advertisement "$2" ;;
        prefix-information) octets $messages/router-advertisement "$2" 'length > 16 ? substr($_, 16) : ""' ;;
        dhcpv6-message) octets $messages/dhcpv6 "$2" ;;
        dhcpv6-association) conversations "$2" ;;
        helper-reply) cp Tests/DaemonTests/corpus/helper/* "$2" ;;
        stored-lease) cp Tests/DaemonTests/corpus/lease/* "$2" ;;
        program) octets Tests/ProgramsTests/corpus "$2" ;;
    esac
}

failed=
for target; do
    corpus=.build-fuzz/corpus/$target log=.build-fuzz/$target.log
    rm -rf "$corpus"; mkdir -p "$corpus"
    begin "$target" "$corpus"
    echo "== $target"
    # Of a trap the backtrace would be looked for again and again. A message that takes a second is a finding.
    SWIFT_BACKTRACE=enable=no "$program" "$target" "$corpus" -max_total_time="$seconds" -max_len=4096 \
        -timeout=1 -artifact_prefix="$found/$target-" -print_final_stats=1 > "$log" 2>&1 || failed="$failed $target"
    grep -E '^(usage|SUMMARY|stat::number|stat::new|artifact|INFO: seed|#[0-9]+.DONE)|Fatal error' "$log" || :
done
[ -z "$failed" ] || { echo "failed:$failed; see .build-fuzz/*.log and $found"; exit 1; }
