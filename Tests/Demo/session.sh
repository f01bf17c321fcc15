# session.sh - programs that talk to the server until they are stopped, each known by a name. Sourced by demo.sh.

declare -A session_input session_process

# The C example, built against the library that was just built.
build_example() {
    ln -s "$top/.build/release/libodm.so" libodm.so.1
    cc -O2 -I "$top/Sources/COdm/include" -o session_lasting "$top/examples/session_lasting.c" \
        "$top/.build/release/libodm.so"
}

# start_session NAME COMMAND...: runs it on mn and waits until it says which address it has.
start_session() {
    local name=$1; shift
    prompt mn "$@" '&'
    mkfifo "$name.in"
    run_session "$@" < "$name.in" > "$name.out" 2>&1 &
    session_process[$name]=$!
    exec {session_input[$name]}> "$name.in"
    soon has_address "$name" || fail "no address: $(cat "$name.out")"
    sed 's/^/     /' "$name.out"
}

# Without the other sessions' inputs, which would not end while it has them open.
run_session() {
    local input
    for input in "${session_input[@]}"; do exec {input}>&-; done
    exec ip netns exec mn "$@"
}

address_of() { grep -o -m 1 '2001:db8:a:[0-9a-f:]*[0-9a-f]' "$1.out"; }
has_address() { address_of "$1" > /dev/null; }

# echoes NAME LINE: the line comes back from the server.
echoes() {
    echo "$2" >&"${session_input[$1]}"
    soon grep -q "says: $2" "$1.out"
}

# The program's input ends, so it closes its socket and ends too.
stop_session() {
    local input=${session_input[$1]}
    exec {input}>&-
    wait "${session_process[$1]}"
    forget_session "$1"
}

kill_session() {
    kill -KILL "${session_process[$1]}"
    wait "${session_process[$1]}" 2> /dev/null
    local input=${session_input[$1]}
    exec {input}>&-
    forget_session "$1"
}

forget_session() { unset "session_input[$1]" "session_process[$1]"; }
