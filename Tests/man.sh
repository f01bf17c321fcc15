#!/bin/bash
# man.sh - checks of the manual pages in docs/man.
#
#     Tests/man.sh BUILD_DIRECTORY
#
# BUILD_DIRECTORY holds odmd, odmd-hooks, odmctl and libodm.so: .build/release. man and mandoc must have nothing to
# complain of, and the pages must have what the programs, the header and the configuration have, no less and no more.
# Exit status 0 if all is well, 1 if a check failed.
set -uo pipefail
export LC_ALL=C.UTF-8 MAN_KEEP_STDERR=1 MANWIDTH=80 MANROFFOPT= MANOPT=

[ $# -eq 1 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2; }
build=$(cd "$1" && pwd) || exit 2
cd "$(dirname "$0")/.." || exit 2
work=$(mktemp -d /tmp/odm-man.XXXXXX)
trap 'rm -rf "$work"' EXIT
failures=0

daemon=docs/man/man8/odmd.8
loader=docs/man/man8/odmd-hooks.8
control=docs/man/man1/odmctl.1
configuration=docs/man/man5/odmd.conf.5
library=docs/man/man3/setsc.3
header=Sources/COdm/include/odm/setsc.h

# expect WHAT COMMAND...: the command should succeed and says why if it does not.
expect() {
    local what=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        echo "ok      $what"
    else
        echo "FAILED  $what"
        head -30 "$work/output" | sed 's/^/        /'
        failures=$((failures + 1))
    fi
}

# same FILE FILE: two lists have the same lines, whatever their order, and are not empty.
same() {
    [ -s "$1" ] || { echo "nothing was found to compare"; return 1; }
    diff -u --label 'what there is' --label 'the page' <(sort -u "$1") <(sort -u "$2")
}

## Formatting

prints() { man --warnings=w -l "$1" 2>&1 >"$work/text" | grep . && return 1; [ -s "$work/text" ]; }
passes_lint() { mandoc -Tlint -Wwarning "$1" 2>/dev/null | grep . && return 1; return 0; }
is_installed() { grep -q " $1 \$(PREFIX)/share/man/man[1-9]/$(basename "$1")\$" Makefile; }

for page in docs/man/man?/*; do
    expect "$page is printed without a warning" prints "$page"
    expect "$page has nothing that mandoc warns of" passes_lint "$page"
    expect "$page is installed" is_installed "$page"
done

## odmd.conf(5): each key, in its section

sed -nE -e 's/^#?\[(Daemon|Type|Source|Rule)( [a-z.-]+)?\]$/\1/p' -e 's/^#?([A-Z][A-Za-z0-9]*)=.*/=\1/p' \
    config/odmd.conf | awk '/^=/ { print section $0; next } { section = $0 }' >"$work/keys"
sed -nE -e 's/^\.Ss \[(Daemon|Type|Source|Rule).*/\1/p' -e 's/^\.It Ic ([A-Za-z0-9]+) Ns =$/=\1/p' \
    "$configuration" | awk '/^=/ { print section $0; next } { section = $0 }' >"$work/documented"
expect "odmd.conf(5) has the keys of odmd.conf" same "$work/keys" "$work/documented"

# The examples of the page, each of which is a whole configuration.
check_examples() {
    awk '/^\.Sh / { inside = $2 == "EXAMPLES" }
        inside && /^\.Bd/ { number++; printing = 1; next } /^\.Ed/ { printing = 0 }
        inside && printing { gsub(/\\-/, "-"); print > (directory "/example" number ".conf") }' \
        directory="$work" "$configuration"
    local example
    for example in "$work"/example*.conf; do "$build/odmd" --config "$example" --check-config || return 1; done
}
expect "the examples of odmd.conf(5) are good" check_examples

## odmd(8): each option, message and field

"$build/odmd" --help | grep -oE '^ +--[a-z-]+' | tr -d ' ' >"$work/options"
sed -nE 's/^\.It Fl -([a-z-]+).*/--\1/p' "$daemon" >"$work/documented"
expect "odmd(8) has the options of odmd" same "$work/options" "$work/documented"

sed -nE 's/^\| `([0-9a-f]{32}|[A-Z_]+)` \|.*/\1/p' docs/logging.md >"$work/fields"
sed -nE 's/^\.It Li ([0-9a-f]{32}|[A-Z_]+)$/\1/p' "$daemon" >"$work/documented"
expect "odmd(8) has the messages and fields of docs/logging.md" same "$work/fields" "$work/documented"

## odmd-hooks(8): each option and verb

"$build/odmd-hooks" --help | grep -oE '^ +(--)?[a-z-]+ ' | tr -d ' ' >"$work/options"
sed -nE -e 's/^\.It Fl -([a-z-]+).*/--\1/p' -e 's/^\.It Cm ([a-z]+)$/\1/p' "$loader" >"$work/documented"
expect "odmd-hooks(8) has the verbs and options of odmd-hooks" same "$work/options" "$work/documented"

## odmctl(1): each subcommand with its options

"$build/odmctl" --help | awk '/^SUBCOMMANDS:/ { inside = 1; next } inside && /^  [a-z]/ { print $1 }' >"$work/commands"
grep . "$work/commands" | while read -r command; do
    "$build/odmctl" help "$command" | grep -oE '^ +(-[a-z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+' |
        grep -vxE -- '--(socket|json|version|help|watch|interval)' | sed "s/^/$command /"
    "$build/odmctl" help "$command" | grep -qE -- '--watch' && echo "$command -w"
    echo "$command"
done >"$work/options"
# The subcommands are the outer list of their section.
awk '/^\.S[sh] / { inside = $0 == ".Ss Subcommands"; depth = 0 }
    !inside { next }
    /^\.Bl/ { depth++ } /^\.El/ { depth-- }
    sub(/\\$/, "") { line = line $0; next }
    { line = line $0 }
    depth == 1 && line ~ /^\.It Cm/ { split(line, words, " "); command = words[3]; print command }
    line ~ /^\.It/ {
        count = split(line, words, " ")
        for (i = 1; i < count; i++)
            if (words[i] == "Fl" && words[i + 1] != "n") print command " -" words[i + 1]
    }
    { line = "" }' "$control" | grep -v '^help$' >"$work/documented"
expect "odmctl(1) has the subcommands of odmctl and their options" same "$work/options" "$work/documented"

sed -nE 's/^\| ([0-9]+) \|.*/\1/p' docs/admin-interface.md >"$work/codes"
awk '/^\.Sh / { inside = $0 == ".Sh EXIT STATUS" } inside && /^\.It [0-9]/ { print $2 }' "$control" >"$work/documented"
expect "odmctl(1) has the exit codes of docs/admin-interface.md" same "$work/codes" "$work/documented"

## setsc(3): each call, constant and error, and a program

sed -nE 's/^(int |const char \*)([a-z_]+)\(.*/\2/p' "$header" >"$work/calls"
sed -nE 's/^\.Nm ([a-z_]+)( ,)?$/\1/p' "$library" >"$work/documented"
expect "setsc(3) has the calls of setsc.h" same "$work/calls" "$work/documented"

# shellcheck disable=SC2016 - a variable of make
make -s --no-print-directory --eval 'manual-links: ; @echo $(MANUAL_LINKS)' manual-links |
    xargs -n 1 >"$work/documented"
sed -i '/^setsc$/d' "$work/calls"
expect "each other call has a link to setsc(3)" same "$work/calls" "$work/documented"

sed -nE 's/^#define ([A-Z][A-Za-z0-9_]+) .*/\1/p' "$header" >"$work/constants"
has_constants() {
    local name missing=0
    while read -r name; do
        grep -qw -- "$name" "$library" || { echo "$name"; missing=1; }
    done <"$work/constants"
    return $missing
}
expect "setsc(3) has the constants of setsc.h" has_constants

# Both as: status, errno.
awk '/^ \* EAI_[A-Z]+: / { status = $2; sub(/:.*/, "", status); next } /\*\// { status = "" }
    status { sub(/^ \* +/, ""); while (match($0, /^E[A-Z0-9]+/)) {
        print status, substr($0, RSTART, RLENGTH); $0 = substr($0, RLENGTH + 1); sub(/^, +/, "") } }' \
    "$header" >"$work/errors"
awk '/^\.S[sh] / { status = $2 ~ /^EAI_/ ? $2 : "" }
    status && /^\.It Bq Er/ { for (i = 4; i <= NF; i++) if ($i != ",") print status, $i }' \
    "$library" >"$work/documented"
expect "setsc(3) has the errors of setsc.h" same "$work/errors" "$work/documented"

# The program as a reader copies it.
build_example() {
    man -l "$library" | awk '/^[A-Z]/ { inside = $0 == "EXAMPLES" } inside && /^ *#include/ { printing = 1 }
        inside && printing { lines[++count] = $0 } inside && /^ *}$/ { last = count }
        END { for (i = 1; i <= last; i++) print lines[i] }' >"$work/example.c"
    cc -Wall -Wextra -Werror -ISources/COdm/include "$work/example.c" -o "$work/example" "$build/libodm.so" ||
        return 1
    ln -sf "$build/libodm.so" "$work/libodm.so.1"
    LD_LIBRARY_PATH=$work "$work/example"
    [ $? -eq 64 ] # wrong usage
}
expect "the example of setsc(3) builds, and starts" build_example

if [ $failures -eq 0 ]; then
    echo "manual pages: all passed"
else
    echo "manual pages: $failures failed"
    exit 1
fi
