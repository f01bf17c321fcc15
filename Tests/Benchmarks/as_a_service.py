"""odmd as systemd runs it: in its sandbox, from its unit, in a container that boots."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "Systemd"))

from clients import Bench, Rows  # noqa: E402
from container import ON_LOOPBACK  # noqa: E402
from report import Row  # noqa: E402
from servers import REPOSITORY, BenchError  # noqa: E402

MEGABYTE = 1e6


def install(destination: Path) -> None:
    """As the administrator would leave it: configured, and started at boot."""
    subprocess.run(["make", "--silent", "install", f"DESTDIR={destination}", "PREFIX=/usr",
                    "UNITDIR=/usr/lib/systemd/system"], cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    (destination / "etc/odmd/odmd.conf").write_text(ON_LOOPBACK)
    changes = destination / "etc/systemd/system/odmd.service.d"
    changes.mkdir(parents=True)
    (changes / "bench.conf").write_text("[Unit]\nStartLimitIntervalSec=0\n")
    wants = destination / "etc/systemd/system/basic.target.wants"
    wants.mkdir(parents=True)
    (wants / "odmd.service").symlink_to("/usr/lib/systemd/system/odmd.service")


def as_a_service(bench: Bench) -> Rows:
    """Of what is in the build directory, whichever programs are compared."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        install(Path(directory))
        done = subprocess.run([REPOSITORY / "Tests/Systemd/container.sh", directory, "/usr/bin/python3",
                               REPOSITORY / "Tests/Systemd/measure.py"], capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"the container ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    found = json.loads(done.stdout.splitlines()[-1])
    rows = [
        Row("service: systemd's start to READY", "ms", None, found["boot_ms"], digits=0),
        Row("service: its unit's start to READY", "ms", None, found["start_ms"]),
        Row("service: resident memory", "MB", None, found["octets"] / MEGABYTE),
        Row("service: resident memory of odmd-holders, while it is asked", "MB", None,
            found["holders_octets"] / MEGABYTE),
    ]
    return [rows + packages() for _ in bench.programs]


def packages() -> list[Row]:
    """Those that `make deb` has built."""
    sizes = {path.name.split("_")[0]: path.stat().st_size for path in (REPOSITORY / ".build/deb").glob("*.deb")}
    return [Row(f"package {name}", "MB", None, size / MEGABYTE, digits=2)
            for name, size in sorted(sizes.items()) if not name.endswith("-dbgsym")]
