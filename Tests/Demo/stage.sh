# stage.sh - how demo.sh speaks: numbered steps, commands with what they print, and checks. Sourced.

if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else bold='' dim='' red='' green='' plain=''; fi

step_number=0
step() { step_number=$((step_number + 1)); printf '\n%s%d. %s%s\n' "$bold" $step_number "$*" "$plain"; }
say() { printf '   %s\n' "$*"; }

# prompt HOST COMMAND...: the command as one would type it.
prompt() {
    local host=$1 word line=; shift
    for word; do [[ $word == *' '* ]] && line+=" '$word'" || line+=" $word"; done
    printf '   %s%s$%s%s\n' "$dim" "$host" "$line" "$plain"
}

# show HOST COMMAND...: runs it there and prints both; what it printed is in $shown too.
show() {
    local host=$1; shift
    prompt "$host" "$@"
    shown=$(in_namespace "$host" "$@" 2>&1) || fail "this command failed: $* ($shown)"
    [ -z "$shown" ] || printf '%s\n' "$shown" | sed 's/^/     /'
}

# so WHAT COMMAND...: the command succeeds, or the demonstration fails.
so() {
    local what=$1; shift
    "$@" || fail "$what: this is not so"
    printf '   %s✓%s %s\n' "$green" "$plain" "$what"
}

# soon COMMAND...: it succeeds within a few seconds.
soon() {
    local tries
    for tries in {1..100}; do "$@" && return; sleep 0.05; done
    return 1
}

fail() { printf '   %s✗ %s%s\n' "$red" "$*" "$plain" >&2; exit 1; }
