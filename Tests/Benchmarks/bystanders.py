"""What it costs programs that have nothing to do with odmd that the ends of sockets are reported: by netlink, and by
programs in the kernel. The floor is what their sockets cost when nobody wants to know."""

import contextlib
import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from clients import Bench, Rows
from report import row_of_blocks
from servers import BUILD, REPOSITORY, pinned

LOADER = REPOSITORY / ".build/release/odmd-hooks"
CGROUP_MOUNT = next(path for path in map(Path, ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"))
                    if (path / "cgroup.controllers").exists())
NETLINK_SOCK_DIAG = 4
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP = 270, 1
SKNLGRP_INET6_TCP_DESTROY, SKNLGRP_INET6_UDP_DESTROY = 3, 4
SO_RCVBUFFORCE = 33
#: As the daemon's: enough for a block without an overrun, which is cheaper.
RECEIVE_BUFFER_OCTETS = 64 << 20
CALLS, BLOCKS = 20_000, 30


def run_bystander(bench: Bench, group: Path) -> dict[str, float]:
    """The program, in the control group."""
    def enter() -> None:
        (group / "cgroup.procs").write_text("0")
    command = pinned([str(BUILD / "bystander"), str(CALLS)], bench.one_processor)
    return json.loads(subprocess.run(command, check=True, text=True, capture_output=True, preexec_fn=enter).stdout)


@contextlib.contextmanager
def nobody(_: Path) -> Iterator[None]:
    yield


@contextlib.contextmanager
def subscription(_: Path) -> Iterator[None]:
    """To what SocketDeathMonitor.swift subscribes to."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as monitor:
        monitor.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_OCTETS)
        for wanted in (SKNLGRP_INET6_TCP_DESTROY, SKNLGRP_INET6_UDP_DESTROY):
            monitor.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, wanted)
        yield


@contextlib.contextmanager
def hooks(group: Path) -> Iterator[None]:
    """The programs in the kernel, with no socket tracked."""
    with tempfile.TemporaryDirectory(prefix="bystander-") as place:
        subprocess.run(["mount", "-t", "bpf", "bpf", place], check=True)
        try:
            pin = ["--pin", f"{place}/odm"]
            subprocess.run([LOADER, "load", "--cgroup", group, "--owner", "root", *pin], check=True)
            yield
            subprocess.run([LOADER, "unload", *pin], check=True)
        finally:
            subprocess.run(["umount", place], check=True)


CONDITIONS: dict[str, Callable[[Path], AbstractContextManager[None]]] = {
    "nobody": nobody, "deaths subscribed to": subscription, "hooks loaded": hooks,
}


def bystanders(bench: Bench) -> Rows:
    """Blocks under each condition in turn."""
    blocks: dict[str, list[dict[str, float]]] = {name: [] for name in CONDITIONS}
    group = Path(tempfile.mkdtemp(prefix="odm-bystander.", dir=CGROUP_MOUNT))
    try:
        for _ in range(bench.fewer(BLOCKS)):
            for name, condition in CONDITIONS.items():
                with condition(group):
                    blocks[name].append(run_bystander(bench, group))
    finally:
        os.rmdir(group)
    floor, *others = blocks.items()
    rows = [row_of_blocks(f"{protocol.upper()} socket of others, {name}", "ns", floor[1], found, protocol, digits=0)
            for protocol in ("udp", "tcp") for name, found in others]
    return [rows for _ in bench.programs]
