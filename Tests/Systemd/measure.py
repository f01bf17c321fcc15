"""measure.py - what the service costs where systemd runs it, as JSON. Runs inside the container that container.sh
makes, of an installation in which odmd is enabled."""

import json
import socket
import statistics
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[1] / "System")]

from container import SETSC_SOCKET, show, systemctl, wait_until  # noqa: E402
from setsc_client import SESSION_LASTING, setsc  # noqa: E402

STARTS = 11
REQUESTS = 1000


def microseconds(name, unit="odmd.service"):
    return int(show(f"{name}TimestampMonotonic", unit))


def resident_octets(unit):
    lines = Path(f"/proc/{show('MainPID', unit)}/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


def milliseconds_to_start():
    systemctl("restart", "odmd.service")
    return (microseconds("ActiveEnter") - microseconds("InactiveExit")) / 1000


def main():
    wait_until(lambda: microseconds("ActiveEnter") > 0, "it is started at boot")
    (booted,) = systemctl("show", "--value", "--property", "UserspaceTimestampMonotonic").split()
    boot = (microseconds("ActiveEnter") - int(booted)) / 1000
    starts = [milliseconds_to_start() for _ in range(STARTS)]
    for _ in range(REQUESTS):
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
            setsc(SETSC_SOCKET, sock, SESSION_LASTING)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asking:
        asking.connect("/run/odm/holders")
        asking.send(bytes(9))
        asking.recv(16)
        holders = resident_octets("odmd-holders.service")
    print(json.dumps({"boot_ms": boot, "start_ms": statistics.median(starts),
                      "octets": resident_octets("odmd.service"), "holders_octets": holders}))


main()
