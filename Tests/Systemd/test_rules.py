"""[Rule …] with Unit=, where there are units. These tests run inside the container that container.sh makes."""

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest
from container import SETSC_SOCKET, run, show, systemctl, wait_until

NOBODY = 65534
PROGRAM = Path(__file__).with_name("ask_for_fixed.py")
CONFIGURATION = """
[Type fixed]
LingerSec=0
[Source home]
Kind=static
Types=fixed session-lasting
Prefix=2001:db8:a::/56
Interface=up0
[Rule telephony]
Types=fixed
Unit=voip-*.service phone.service
[Rule others]
Types=fixed
Action=deny
"""
#: A manager of a user as systemd has it, but without PAM and logind, which the container has not.
USER_MANAGER = f"""
[Service]
User={NOBODY}
Slice=user-{NOBODY}.slice
Type=notify
Environment=XDG_RUNTIME_DIR=/run/user/{NOBODY} HOME=/
ExecStartPre=+install -d -m 700 -o {NOBODY} /run/user/{NOBODY}
ExecStart=/usr/lib/systemd/systemd --user --unit=basic.target
Delegate=pids memory
KillMode=mixed
TimeoutStopSec=5
"""

@pytest.fixture(autouse=True)
def rules(service):
    """The service with these rules for a while."""
    file = Path("/etc/odmd/odmd.conf")
    before = file.read_text()
    file.write_text(CONFIGURATION)
    systemctl("reload", "odmd.service")
    wait_until(lambda: "telephony" in run("odmctl", "rules"), "the rules are in force")
    yield
    # By the next configuration they would stay.
    wait_until(lambda: run("ip", "-6", "addr", "show", "to", "2001:db8:a::/56") == "", "no fixed address is left")
    file.write_text(before)
    systemctl("reload", "odmd.service")


def ask(*command, **options):
    """What a program says that asks for a fixed address: granted, or an errno's name."""
    return subprocess.run([*command, sys.executable, PROGRAM, SETSC_SOCKET], check=True, text=True,
                          capture_output=True, **options).stdout.strip()


def wait_until_free(unit):
    """systemd forgets a unit that has ended in its own time."""
    wait_until(lambda: show("LoadState", unit) == "not-found", "it is gone")


def ask_from(unit, *options):
    """The same in a unit of the system."""
    wait_until_free(unit)
    return ask("systemd-run", "--quiet", "--wait", "--pipe", "--collect", f"--unit={unit}", *options)


def explained(*arguments):
    """Who would get it, as odmctl has it: the lines by their first word."""
    printed = run("odmctl", "explain", "--type", "fixed", *arguments)
    return dict(line.split(maxsplit=1) for line in printed.splitlines()[1:] if not line.startswith(" " * 11))


@contextlib.contextmanager
def running(unit, *options):
    """A unit that does nothing, and the number of its process."""
    wait_until_free(unit)
    run("systemd-run", "--quiet", "--collect", f"--unit={unit}", *options, "sleep", "infinity")
    try:
        yield show("MainPID", unit)
    finally:
        systemctl("stop", unit)


@pytest.mark.parametrize("unit, answer, rule", [
    ("voip-1.service", "granted", "telephony"), ("voip-.service", "granted", "telephony"),
    ("phone.service", "granted", "telephony"), ("voip.service", "EACCES", "others"),
    ("myvoip-1.service", "EACCES", "others"), ("voip-1.service.service", "granted", "telephony"),
    ("phone-1.service", "EACCES", "others"),
])
def test_the_unit_decides(unit, answer, rule):
    """Whoever it runs as, root too; and odmctl says the same."""
    for options in ([], [f"--property=User={NOBODY}"]):
        assert ask_from(unit, *options) == answer
        with running(unit, *options) as process:
            said = explained("--pid", process)
            assert f"unit {unit}" in said["who"] and said["rule"].split()[0] == rule
            assert ("refused" in said["answer"]) == (answer != "granted")


def test_processes_of_a_unit_belong_to_it():
    """Also those in control groups that it has made below its own, whatever their names are."""
    program = Path("/run/below.sh")
    program.write_text(f"""set -e
        group=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/voip-1.service
        mkdir $group
        echo $$ > $group/cgroup.procs
        exec {sys.executable} {PROGRAM} {SETSC_SOCKET}
        """)
    for unit, answer in (("voip-2.service", "granted"), ("other.service", "EACCES")):
        assert run("systemd-run", "--quiet", "--wait", "--pipe", "--collect", f"--unit={unit}",
                   "--property=Delegate=yes", "sh", program).strip() == answer
    program.unlink()


def test_whoever_is_in_no_such_unit_is_denied():
    """As this test, which is in one of its own."""
    assert ask() == "EACCES"
    assert explained()["rule"].split()[0] == "others"


def test_a_denial_names_the_rule_in_the_journal():
    assert ask_from("other.service") == "EACCES"
    run("journalctl", "--sync")
    assert "no fixed address" in run("journalctl", "--unit=odmd.service", "--output=cat", "ODM_RULE=others")


@pytest.fixture
def user_manager():
    """A user's own systemd; yields what has it run a command in a unit of the user's."""
    unit = f"user@{NOBODY}.service"
    Path("/run/systemd/system", unit).write_text(USER_MANAGER)
    systemctl("daemon-reload")
    systemctl("start", unit)
    yield ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
           "env", f"XDG_RUNTIME_DIR=/run/user/{NOBODY}", "HOME=/", "systemd-run", "--user"]
    systemctl("stop", unit)
    Path("/run/systemd/system", unit).unlink()
    systemctl("daemon-reload")


def test_units_that_users_make_do_not_count(user_manager):
    """They may have any name."""
    for unit in ("voip-1.service", "phone.service"):
        assert ask(*user_manager, "--quiet", "--wait", "--pipe", "--collect", f"--unit={unit}") == "EACCES"
    run(*user_manager, "--quiet", "--collect", "--unit=voip-1.service", "sleep", "infinity")
    process = run("pgrep", "--full", "sleep infinity").strip()
    path = Path(f"/proc/{process}/cgroup").read_text()
    assert "/voip-1.service" in path, "it is in a unit of that name"
    said = explained("--pid", process)
    assert f"unit user@{NOBODY}.service" in said["who"] and said["rule"].split()[0] == "others"
