#!/bin/bash
# lint.sh - the house rules that a compiler does not check. Prints each breach; fails if there is one.
set -uo pipefail
shopt -s lastpipe  # forbid counts in this shell
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/.."
breaches=0

# forbid WHAT: reads what was found, as file:line:text, and prints it under WHAT.
forbid() {
    local found
    found=$(cat)
    [ -z "$found" ] && return
    printf '%s\n' "$1" >&2
    printf '%s\n' "$found" | sed 's/^/    /' >&2
    breaches=$((breaches + 1))
}

# Every tracked or new text file of ours; links are listed where they point to.
ours() { git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
    [ -f "$file" ] && [ ! -L "$file" ] && printf '%s\n' "$file"; done; }
search() { local pattern=$1; shift; ours "$@" | xargs -r -d '\n' grep -HnE -- "$pattern"; }

search '\bunsafe\b' 'Sources/*.swift' |
    grep -vE '^Sources/(Kernel|KernelHooks|EventLoop|HookLoader|Posix|OdmClient|odm|preload)/' |
    grep -vE '^Sources/OnDemandMobility/SystemCalls\.swift:' |
    grep -vE '^[^:]*:[0-9]+: *//' |
    forbid 'Unsafe code belongs behind the doors to C, and into the C libraries.'

search '^ *([a-z@_A-Z]+ )*import ' 'Sources/Mobility/*.swift' 'Sources/Wire/*.swift' |
    forbid 'Mobility and Wire import nothing.'

# Who depends on OnDemandMobility has no CLibc: it needs a compiler flag that SwiftPM does not let into other packages.
search '^ *([a-z]+ )?import (Foundation|Glibc|Dispatch)\b' 'Sources/*.swift' |
    grep -vE '^Sources/OnDemandMobility/SystemCalls\.swift:[0-9]+:import Glibc' |
    forbid 'No Foundation, Glibc or Dispatch: FoundationEssentials for JSON, CLibc for libc.'

search '^ *([a-z]+ )?import C(Bpf|Netlink|Systemd)\b' 'Sources/*.swift' |
    grep -vE '^Sources/(Kernel/.*CNetlink|EventLoop/.*CSystemd|HookLoader/.*CBpf)' |
    forbid 'Each C library has one door: libnl is Kernel'"'"'s, libsystemd EventLoop'"'"'s, libbpf HookLoader'"'"'s.'

ours | grep -E '/[A-Za-z]*(Utils?|Utilities|Helpers|Misc|Common|Manager)[0-9]*\.[a-z]+$' |
    forbid 'A file is named by the one thing that is in it.'

search '\b(TODO|FIXME|XXX)\b' Sources Tests clients examples docs systemd config Makefile |
    grep -v '^Tests/lint.sh:' |
    forbid 'Work that is left to do is an issue, not a comment.'

ours 'Sources/*.swift' | while read -r file; do
    lines=$(wc -l < "$file"); [ "$lines" -lt 300 ] || echo "$file:$lines: lines"
done | forbid 'A file has fewer than 300 lines.'

# The fixtures are what an administrator might write, and the messages that this leads to; what is in a corpus is
# there because it is not as it should be.
fixtures=(':!Tests/DaemonTests/broken' ':!Tests/*/corpus/*')
search '.{121,}' Tests clients examples Makefile systemd config debian '.ci/*' "${fixtures[@]}" |
    grep -v '\.swift:' | cut -c1-100 |
    forbid 'A line has at most 120 characters.'

search '[[:space:]]+$' Sources Tests clients examples Makefile systemd config debian '.ci/*' docs "${fixtures[@]}" |
    forbid 'No white space at the end of a line.'

# docs/traceability.md names paths, and code and tests as FILE:NAME, code by its path below Sources.
{
    grep -noE '`[^` ]+:[A-Za-z0-9_]+`' docs/traceability.md | tr -d '`' | while IFS=: read -r line file name; do
        git ls-files "Sources/$file" "Tests/$file" "Tests/*/$file.swift" "Tests/*/$file.py" |
            xargs -r -d '\n' cat | grep -qE "\b(func|def|define|extension|int|void) +$name\b" ||
            echo "docs/traceability.md:$line:$file:$name"
    done
    grep -noE '`(Sources|Tests|docs|examples|config)(/[^`: ]+)?`' docs/traceability.md | tr -d '`' |
        while IFS=: read -r line path; do
            [ -e "$path" ] || echo "docs/traceability.md:$line:$path"
        done
} | forbid 'docs/traceability.md names what is there.'

version=$(sed -n 's/^VERSION := //p' Makefile)
head -1 debian/changelog | grep -vE "^odmd \(${version//./\\.}(-[0-9]+)?\) " |
    forbid "debian/changelog begins with the version of the Makefile, $version."

[ "$breaches" = 0 ] && echo 'House rules: kept.'
exit $((breaches > 0))
