"""The container that container.sh makes, as tests see it from inside."""

import contextlib
import subprocess
import time
from pathlib import Path

SETSC_SOCKET = "/run/odm/setsc"
CONFIGURATION = """
[Type session-lasting]
LingerSec=0
[Source home]
Kind=static
Types=session-lasting
Prefix=2001:db8:a::/56
Interface=up0
"""
# The same where there is no up0.
ON_LOOPBACK = CONFIGURATION.replace("Interface=up0", "Place=loopback")


def run(*command):
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def systemctl(*arguments):
    return run("systemctl", *arguments)


def show(name, unit="odmd.service"):
    """A property of a unit."""
    return systemctl("show", unit, "--value", "--property", name).strip()


def addresses():
    """What the kernel has of ours, as ip(8) shows it."""
    return run("ip", "-6", "addr", "show", "to", "2001:db8:a::/56")


def wait_until(condition, what, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@contextlib.contextmanager
def serving():
    """The service, started; stopped again and its start limit forgotten afterwards."""
    systemctl("start", "odmd.service")
    try:
        yield
    finally:
        systemctl("stop", "odmd.service")
        systemctl("reset-failed")


@contextlib.contextmanager
def configured(text):
    """The service with another configuration for a while."""
    Path("/etc/odmd/odmd.conf").write_text(text)
    systemctl("reload", "odmd.service")
    try:
        yield
    finally:
        Path("/etc/odmd/odmd.conf").write_text(CONFIGURATION)
        systemctl("reload", "odmd.service")
