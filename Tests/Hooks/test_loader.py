"""odmd-hooks: loading, once and again, unloading, and failures, which leave nothing."""

import shutil
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from daemon import RELEASE
from hooks import ADDRESS, PROGRAM, SESSION_LASTING, Hooks, run
from kernel_maps import CLOSED, State
from sockets import cookie, open_socket
from test_sources import source_of_connection

MAPS = ["addresses", "assignments", "options", "reports", "state", "tracked"]


def attached(group):
    """The kernel's numbers of the programs that the group has."""
    shown = subprocess.run(["bpftool", "cgroup", "show", group], text=True, capture_output=True, check=True).stdout
    return sorted(line.split()[0] for line in shown.splitlines() if "odm_" in line)


def test_what_is_pinned(surroundings):
    run("load", *surroundings.options[:-1], "nobody")
    pin = surroundings.pin
    assert sorted(path.name for path in pin.iterdir()) == sorted([*MAPS, "links"])
    for name in MAPS:
        status = (pin / name).stat()
        assert (status.st_uid, stat.S_IMODE(status.st_mode)) == (65534, 0o600)
    assert stat.S_IMODE(pin.stat().st_mode) == 0o711
    assert stat.S_IMODE((pin / "links").stat().st_mode) == 0o700
    assert len(attached(surroundings.group)) == 5


def test_status(surroundings):
    done = run("status", "--pin", surroundings.pin, check=False)
    assert (done.returncode, done.stdout) == (69, f"Nothing is loaded in {surroundings.pin}.\n")
    hooks = Hooks(surroundings)
    hooks.assign(surroundings.group, SESSION_LASTING)
    hooks.close()
    shown = run("status", "--pin", surroundings.pin).stdout
    assert f"{surroundings.pin}, version 1\n" in shown
    assert f"/{surroundings.group.name}\n" in shown
    assert "Assignments:   1\n" in shown
    assert "Lost reports:  0\n" in shown


def test_unload(surroundings):
    hooks = Hooks(surroundings)
    assert run("unload", "--pin", surroundings.pin).stdout == ""
    assert hooks.state.fields[0] == 0, "who has the maps open sees that"
    hooks.close()
    assert surroundings.nothing_is_left()
    assert run("unload", "--pin", surroundings.pin).stdout == f"Nothing was loaded in {surroundings.pin}.\n"


def test_loading_again_keeps_the_maps(surroundings):
    hooks = Hooks(surroundings)
    before = attached(surroundings.group)
    hooks.assign(surroundings.group, SESSION_LASTING)
    hooks.set_address(SESSION_LASTING, ADDRESS)
    run("load", *surroundings.options)
    after = attached(surroundings.group)
    assert len(after) == len(before) and not set(before) & set(after)
    assert hooks.state.fields[:2] == (1, 1)
    with open_socket() as client:
        assert source_of_connection(client) == ADDRESS
    hooks.close()


def test_loading_again_misses_nothing(surroundings):
    """Sockets that end all the while are reported once each."""
    hooks = Hooks(surroundings)
    loading = subprocess.Popen([str(PROGRAM), "load", *map(str, surroundings.options)])
    expected = []
    while loading.poll() is None:
        with open_socket(socket.SOCK_DGRAM) as each:
            hooks.tracked[cookie(each)] = cookie(each)
            expected.append(cookie(each))
    assert loading.returncode == 0
    assert [report.cookie for report in hooks.taken(CLOSED)] == expected
    hooks.close()


def test_another_version_gets_maps_of_its_own(surroundings):
    old = Hooks(surroundings)
    old.state.memory[:4] = (99).to_bytes(4, "little")
    run("load", *surroundings.options)
    assert old.state.fields[0] == 0
    new = State(surroundings.pin / "state")
    assert new.fields[0] == 1
    assert len(attached(surroundings.group)) == 5
    with open_socket(socket.SOCK_DGRAM) as each:
        old.tracked[cookie(each)] = cookie(each)
    assert old.reports.take() == [], "the programs use the new maps"
    new.close()
    old.close()


def test_programs_of_others_stay(surroundings):
    run("load", *surroundings.options)
    second = surroundings.place / "second"
    run("load", "--cgroup", surroundings.group, "--pin", second, "--owner", "root")
    assert len(attached(surroundings.group)) == 10
    run("unload", "--pin", second)
    assert len(attached(surroundings.group)) == 5


def refused(*arguments, status):
    done = run("load", *arguments, check=False)
    assert done.returncode == status
    assert done.stdout == ""
    assert done.stderr.startswith("odmd-hooks: ") and done.stderr.count("\n") == 1
    return done.stderr


def with_option(surroundings, option, value):
    """The options with another value of one."""
    options = list(surroundings.options)
    if option in options:
        options[options.index(option) + 1] = value
    else:
        options += [option, value]
    return options


@pytest.mark.parametrize("option, value, text", [
    ("--object", "/nowhere/odm-hooks.bpf.o", "No such file or directory"),
    ("--object", __file__, "object"),
    ("--cgroup", "/nowhere", "not a control group of version 2"),
    ("--cgroup", "/tmp", "not a control group of version 2"),
    ("--pin", "/tmp/odm-hooks-nowhere", "not on a BPF file system"),
    ("--owner", "no-such-user", "no user no-such-user"),
])
def test_what_is_missing(surroundings, option, value, text):
    assert text in refused(*with_option(surroundings, option, value), status=69)
    assert surroundings.nothing_is_left()


def test_without_privileges(surroundings):
    bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", str(PROGRAM), "load",
            *map(str, surroundings.options)]
    done = subprocess.run(bare, text=True, capture_output=True)
    assert done.returncode == 77
    assert "CAP_BPF" in done.stderr
    assert surroundings.nothing_is_left()


def test_with_the_privileges_of_the_service(surroundings):
    """Loading, again, and unloading maps that are somebody else's."""
    unit = (Path(__file__).parents[2] / "systemd/odmd-hooks.service.in").read_text()
    [line] = [line for line in unit.splitlines() if line.startswith("CapabilityBoundingSet=")]
    names = [name.lower().removeprefix("cap_") for name in line.partition("=")[2].split()]
    bounded = ["setpriv", f"--bounding-set=-all,{','.join(f'+{name}' for name in names)}", "--no-new-privs",
               str(PROGRAM)]
    options = [*map(str, surroundings.options[:-1]), "nobody"]
    for words in (["load", *options], ["load", *options], ["unload", "--pin", str(surroundings.pin)]):
        done = subprocess.run([*bounded, *words], text=True, capture_output=True)
        assert done.returncode == 0, done.stderr
    assert surroundings.nothing_is_left()


def refusing_object(directory):
    """A program that leaves out to check a pointer, with maps as they should be."""
    source = directory / "refused.bpf.c"
    source.write_text(f'''
        #include "{RELEASE.parents[1]}/Sources/hooks/maps.h"
        SEC("cgroup/sock_release") int odm_refused(struct bpf_sock *socket)
        {{
            __u32 first = 0;
            return *(__u32 *)bpf_map_lookup_elem(&state, &first);
        }}''')
    multiarch = subprocess.run(["gcc", "-print-multiarch"], text=True, capture_output=True, check=True).stdout.strip()
    clang = Path(shutil.which("swift")).parent / "clang"
    output = directory / "refused.bpf.o"
    subprocess.run([clang, "-target", "bpf", "-O2", "-g", "-idirafter", f"/usr/include/{multiarch}",
                    "-c", source, "-o", output], check=True)
    return output


def test_verifier(surroundings, tmp_path):
    """A refusal is one line, and the verifier's words come when they are wanted; what was loaded goes on."""
    options = with_option(surroundings, "--object", refusing_object(tmp_path))
    assert "--verbose" in refused(*options, status=71)
    assert surroundings.nothing_is_left()
    run("load", *surroundings.options)
    before = attached(surroundings.group)
    done = run("load", *options, "--verbose", check=False)
    assert done.returncode == 71
    assert "BEGIN PROG LOAD LOG" in done.stderr
    assert attached(surroundings.group) == before
    assert "version 1\n" in run("status", "--pin", surroundings.pin).stdout


def test_another_control_group(surroundings):
    run("load", *surroundings.options)
    inner = surroundings.group / "inner"
    inner.mkdir()
    assert "another control group" in refused(*with_option(surroundings, "--cgroup", inner), status=69)
    assert attached(surroundings.group) and not attached(inner)


@pytest.mark.parametrize("arguments, text", [
    ([], "say load, unload or status"),
    (["lode"], "unexpected argument 'lode'"),
    (["load", "unload"], "unexpected argument 'unload'"),
    (["load", "--pin"], "--pin needs a value"),
    (["load", "--verbose=yes"], "--verbose takes no value"),
    (["load", "--pins", "x"], "unknown option --pins"),
])
def test_wrong_usage(arguments, text):
    done = run(*arguments, check=False)
    assert (done.returncode, done.stdout) == (64, "")
    assert text in done.stderr
