"""legacy.py [--check] [NAME...] - runs Debian's programs, unchanged, with addresses of a type, and moves the host.
Prints a row for each, and fails if one is not as its type promises. Without --check, and with no names, it writes the
rows to docs/legacy.md."""

import argparse
import contextlib
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Hooks"), str(HERE.parent / "System")]

import hooks  # noqa: E402
from clients import CLIENTS  # noqa: E402
from hooks import CGROUP_MOUNT, move_into, own_group, own_mounts, remove_group  # noqa: E402
from lab import Lab, wait_until  # noqa: E402
from servers import SERVERS  # noqa: E402

PAGE = HERE.parents[1] / "docs/legacy.md"
BEGIN, END = "<!-- begin of what Tests/Legacy writes -->\n", "<!-- end -->\n"
#: From when the host has arrived at the next network.
END_SECONDS = 1
GRACE_SECONDS = 6


class Unkept(Exception):
    """What a type promises did not happen."""


def require(condition, what):
    if not condition:
        raise Unkept(what)


def plain(client):
    """Without the library or the hooks: to be compared with."""
    program, source = client.start(())
    require(client.lab.type_of(source) == "the host's own", f"without a type it has {source}")
    program.close()


def session_lasting(client):
    program, source = client.start((*client.options, "--type", "session-lasting"))
    require(client.lab.type_of(source) == "session-lasting", f"the server saw {source}")
    require(client.goes_on(program), "it does not go on")
    for _ in range(2):
        client.lab.move()
        require(client.goes_on(program), f"it does not go on after a move: {program.said[-300:]}")
    require(client.has_lasted(program), f"it gets nothing after the moves: {program.said[-300:]}")
    program.close()
    return source, client.lasted


def non_persistent(client):
    program, source = client.start((*client.options, "--type", "non-persistent"))
    require(client.lab.type_of(source) == "non-persistent" and client.lab.is_of_this_network(source), source)
    require(client.goes_on(program), "it does not go on")
    client.lab.move()
    require(program.ends(END_SECONDS), f"it does not end: {program.said[-300:]}")
    status = program.process.returncode
    require(status != 0 or not client.ends_with_error, f"it ends as if all were well: {program.said[-300:]}")
    program.close()
    again, new = client.start((*client.options, "--type", "non-persistent"))
    require(client.lab.is_of_this_network(new) and client.lab.type_of(new) == "non-persistent", f"a new one has {new}")
    again.close()
    return source, f"ended, exit status {status}; the next one had an address of the new network"


def graceful_replacement(client):
    program, source = client.start((*client.options, "--type", "graceful-replacement"))
    require(client.lab.type_of(source) == "graceful-replacement", source)
    require(program.goes_on(), "it does not go on")
    client.lab.move()
    require(program.goes_on(), "it does not go on while there is grace")
    again, new = client.start((*client.options, "--type", "graceful-replacement"))
    require(client.lab.is_of_this_network(new) and new != source, f"a new one has {new}")
    wait_until(lambda: not program.goes_on(), "the grace is over", 2 * GRACE_SECONDS)
    require(again.goes_on(), "the new one does not go on")
    program.close()
    again.close()
    return source, "went on until its grace was over; the next one had an address of the new network"


def serves(server):
    program, address = server.start(("--type", "fixed", "--serve"))
    require(server.lab.type_of(address) == "fixed", f"it waits at {address}")
    connection = server.connect(address)
    require(connection.goes_on(), f"nobody is served: {connection.said[-300:]} {program.said[-300:]}")
    server.lab.move()
    require(connection.goes_on(), "it does not go on after a move")
    connection.close()
    program.close()
    return address, "waited at one address; its connection went on through a move"


def cases(lab, names):
    """Each with its program, which has begun before the host has moved: then also programs without a type can."""
    clients = [client(lab) for client in CLIENTS if not names or client.name in names]
    for client in clients:
        plain(client)
    for client in clients:
        yield client, "session-lasting", session_lasting
        yield client, "non-persistent", non_persistent
        if client.name == "curl":
            yield client, "graceful-replacement", graceful_replacement
    for server in SERVERS:
        if not names or server.name in names:
            yield server(lab), "fixed", serves


def run(names):
    """The rows of the table, and how many are not as they should be."""
    rows, failures = [], 0
    with hooks_loaded() as maps, contextlib.closing(Lab(maps)) as lab:
        for program, type, case in cases(lab, names):
            began = time.monotonic()
            try:
                source, outcome = case(program)
            except (Unkept, AssertionError) as problem:
                failures += 1
                source, outcome = "-", f"NOT AS PROMISED: {problem}"
            rows.append((program.name, type, source, outcome))
            print(f"{' | '.join(rows[-1])} ({time.monotonic() - began:.1f} s)", flush=True)
    return rows, failures


@contextlib.contextmanager
def hooks_loaded():
    """The programs in the kernel, for a control group that this process is in meanwhile; yields their directory."""
    with own_mounts() as place, contextlib.ExitStack() as undo:
        group, before = Path(tempfile.mkdtemp(prefix="odm-legacy.", dir=CGROUP_MOUNT)), own_group()
        undo.callback(remove_group, group)
        hooks.run("load", "--cgroup", group, "--pin", place / "odm", "--owner", "root")
        undo.callback(hooks.run, "unload", "--pin", place / "odm")
        move_into(group)
        undo.callback(move_into, before)
        yield place / "odm"


def write(rows):
    lines = ["| Program | Type | The address that the other side saw | At a move |", "|---|---|---|---|"]
    lines += [f"| {name} | {type} | `{source}` | {outcome} |" for name, type, source, outcome in rows]
    before, rest = PAGE.read_text().split(BEGIN)
    PAGE.write_text(before + BEGIN + "\n".join(lines) + "\n" + END + rest.split(END)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("names", nargs="*", help="programs; all, if none is named")
    arguments = parser.parse_args()
    rows, failures = run(arguments.names)
    if not arguments.check and not arguments.names:
        write(rows)
    print(f"programs of Debian: {len(rows)} cases, {failures} not as promised")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
