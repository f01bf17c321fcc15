#!/bin/bash
# Tests of libodm from C.
#
#     Tests/Library/run.sh [--valgrind] BUILD_DIRECTORY
#
# BUILD_DIRECTORY holds libodm.so and libodm-static.a: .build/release. Every program runs with the
# shared library, with the static one, and with the sanitizers; with --valgrind under memcheck too. Needs no
# network and no privileges. Exit status 0 if all is well, 1 if a check failed, 2 if they could not be built.
set -euo pipefail

tests=$(cd "$(dirname "$0")" && pwd)
source_directory=$(cd "$tests/../.." && pwd)
valgrind=no
if [ "${1-}" = --valgrind ]; then
    valgrind=yes
    shift
fi
[ $# -eq 1 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2; }
build=$(cd "$1" && pwd)
work=$(mktemp -d /tmp/odm-library.XXXXXX)
daemon=
failures=0

finish() {
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# report PASSED(0 or 1) WHAT
report() {
    if [ "$1" -eq 0 ]; then
        echo "ok      $2"
    else
        echo "FAILED  $2"
        failures=$((failures + 1))
    fi
}

# expect WHAT COMMAND...: the command should succeed and says why if it does not.
expect() {
    local what=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        report 0 "$what"
    else
        report 1 "$what"
        grep -v '^ok ' "$work/output" | head -30 | sed 's/^/        /'
    fi
}

same() { [ "$1" = "$2" ] || { printf 'expected: %s\nfound:    %s\n' "$2" "$1"; return 1; }; }

strict="-Wall -Wextra -Werror -I$source_directory/Sources/COdm/include"
interface="getsc getsockopt odm_next_event odm_strerror odm_watch setsc setsc_finish setsc_start setsockopt"
programs="arguments answers pending watch options storm"

build_programs() {
    ln -s "$build/libodm.so" "$work/libodm.so"
    ln -s "$build/libodm.so" "$work/libodm.so.1"
    "$source_directory/Sources/odm/static-library.sh" "$build/libodm-static.a" "$work/libodm.a"
    mkdir "$work/shared" "$work/static" "$work/sanitized"
    for program in $programs privileged; do
        # shellcheck disable=SC2086 # a list of options
        compile() { cc -std=gnu99 -O1 -g $strict -pthread "$tests/$program.c" "$@" || exit 2; }
        compile -o "$work/shared/$program" -L"$work" -lodm -Wl,-rpath,"$work"
        compile -o "$work/static/$program" "$work/libodm.a"
        compile -o "$work/sanitized/$program" -fsanitize=address,undefined -fno-sanitize-recover=all \
            -L"$work" -lodm -Wl,-rpath,"$work"
    done
}

check_header() {
    # shellcheck disable=SC2086
    expect "the header is C99" cc -std=c99 -pedantic $strict "$tests/header.c" \
        -o "$work/header" "$work/libodm.a"
    expect "the corrected names of the draft work" "$work/header"
    for standard in c++98 c++20; do
        # shellcheck disable=SC2086
        expect "the header is $standard" c++ -x c++ -std=$standard -pedantic -Wno-long-long $strict \
            "$tests/header.c" -x none -o "$work/header" -L"$work" -lodm
    done
    # shellcheck disable=SC2086
    expect "the static library serves a static program" cc -static -std=c99 $strict "$tests/header.c" \
        -o "$work/header" "$work/libodm.a"
    expect "the static program works" "$work/header"
}

names() { nm "$@" | awk '$2 ~ /^[TWDBRVi]$/ { sub(/@.*/, "", $3); print $3 }' | sort | xargs; }

check_linkage() {
    expect "libodm.so exports the interface only" same "$(names -D "$build/libodm.so")" "$interface"
    expect "its symbols have the version ODM_1" same \
        "$(nm -D "$build/libodm.so" | grep -c ' T .*@@ODM_1$')" "$(wc -w <<<"$interface")"
    expect "libodm.a exports the interface only" same "$(names -g "$work/libodm.a")" "$interface"
    expect "libodm.so needs libc only" same \
        "$(readelf -d "$build/libodm.so" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')" libc.so.6
    expect "its soname is libodm.so.1" same \
        "$(readelf -d "$build/libodm.so" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')" libodm.so.1
}

start_daemon() {
    mkdir "$work/daemon"
    python3 "$tests/fake_daemon.py" "$work/daemon" >"$work/ready" 2>"$work/daemon.log" &
    daemon=$!
    for _ in $(seq 100); do
        grep -q ready "$work/ready" && return
        sleep 0.1
    done
    echo "the fake daemon did not start:" >&2
    cat "$work/daemon.log" >&2
    exit 2
}

run_programs() {
    local kind
    for kind in shared static sanitized; do
        for program in $programs; do
            expect "$program, $kind" timeout 120 "$work/$kind/$program" "$work/daemon"
        done
    done
    [ $valgrind = yes ] || return 0
    for program in $programs; do
        expect "$program, valgrind" timeout 300 valgrind -q --error-exitcode=9 --leak-check=full \
            --errors-for-leak-kinds=definite --suppressions="$tests/valgrind.supp" \
            "$work/shared/$program" "$work/daemon"
    done
}

# A program with raised privileges must not let its caller choose the daemon.
check_privileged() {
    chmod 755 "$work" "$work/static" "$work/daemon"
    chmod 777 "$work/daemon/granted"
    expect "ODM_SOCKET counts" same \
        "$(ODM_SOCKET=$work/daemon/granted "$work/static/privileged")" "plain reached"
    if [ "$(id -u)" -ne 0 ]; then
        echo "skipped ODM_SOCKET in a set-user-ID program: needs root to make one"
        return
    fi
    cp "$work/static/privileged" "$work/static/setuid"
    chown 65534 "$work/static/setuid"
    chmod 4755 "$work/static/setuid"
    local said
    said=$(ODM_SOCKET=$work/daemon/granted "$work/static/setuid")
    case $said in
    plain*) echo "skipped ODM_SOCKET in a set-user-ID program: $work is mounted nosuid" ;;
    *)
        expect "ODM_SOCKET counts for nothing in a set-user-ID program" same "$said" "privileged not-reached"
        ;;
    esac
}

# The examples build, and the documentation's client is one.
check_examples() {
    local example
    for example in session_lasting event_loop graceful; do
        # shellcheck disable=SC2086
        expect "the example $example builds" cc -std=gnu99 -O1 $strict \
            "$source_directory/examples/$example.c" -o "$work/$example" -L"$work" -lodm -Wl,-rpath,"$work"
    done
    ODM_SOCKET=$work/daemon/slow expect "event_loop waits for slow answers" timeout 10 "$work/event_loop" 8
    ODM_SOCKET=$work/daemon/refusing expect "event_loop goes on without a daemon" \
        timeout 10 "$work/event_loop" 8
    expect "the Python clients get what the library gets" \
        python3 "$tests/python_clients.py" "$source_directory" "$work/daemon"
}

build_programs
check_header
check_linkage
start_daemon
run_programs
check_examples
check_privileged
expect "the fake daemon had nothing to complain of" same "$(cat "$work/daemon.log")" ""
if [ $failures -eq 0 ]; then
    echo "libodm: all passed"
else
    echo "libodm: $failures failed"
    exit 1
fi
