"""What else a host may have to get a prefix with: dhcpcd, and systemd-networkd. Each is started for a prefix, puts an
address from it on an interface of the host's, and is ended. Nobody else sees their files or their interfaces."""

import contextlib
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from access_link import UPLINK, USER_CLASS, AccessLink, Namespace
from clients import Bench
from servers import BenchError, on_processors
from witness import Witness

SEARCH_PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin:/usr/lib/systemd:/lib/systemd"
MILLISECOND = 1e6  # in nanoseconds
END_SECONDS = 5
SETTLING_SECONDS = 0.1
DOWNLINK = "down0"

DHCPCD = f"""\
noipv4
noipv6rs
release
option rapid_commit
userclass {USER_CLASS}
ia_pd 1 {DOWNLINK}/0
"""

NETWORKD = {
    UPLINK: f"""\
[Match]
Name={UPLINK}
[Network]
DHCP=ipv6
IPv6AcceptRA=no
IPv6DuplicateAddressDetection=0
[DHCPv6]
WithoutRA=solicit
UseAddress=no
UserClass={USER_CLASS}
""",
    DOWNLINK: f"""\
[Match]
Name={DOWNLINK}
[Network]
DHCPPrefixDelegation=yes
LinkLocalAddressing=no
IPv6DuplicateAddressDetection=0
IPv6AcceptRA=no
[DHCPPrefixDelegation]
UplinkInterface={UPLINK}
Announce=no
""",
}


# The first process of a process namespace, which ends with it, so that nothing of a client outlives its round. Does
# what the first argument says, then runs the others as a program when it is told to, and ends that when stdin ends.
GUARDIAN = """\
set -e
eval "$1"; shift
echo ready
read -r go
"$@" < /dev/null >&2 &
cat > /dev/null
kill $!
wait $!
"""


@dataclass(frozen=True)
class Round:
    """Milliseconds until the prefix could be used."""

    since_start: float
    since_solicit: float


@dataclass(frozen=True)
class Client:
    """A program on a host of its own."""

    name: str
    command: list[str]
    #: What a shell does before, in a mount namespace of the client's.
    preparation: str
    namespace: Namespace
    log: Path

    def round(self, bench: Bench) -> Round:
        """One prefix, from the start of the program on."""
        with self.namespace, Witness() as witness, self.guardian(bench.one_processor) as guardian:
            start = time.monotonic_ns()
            guardian.stdin.write(b"go\n")
            try:
                seen = witness.sight()
            except BenchError as error:
                raise BenchError(f"{self.name}: {error}\n{self.log.read_text()}") from error
        return Round((seen.usable - start) / MILLISECOND, (seen.usable - seen.solicit) / MILLISECOND)

    @contextlib.contextmanager
    def guardian(self, processors: set[int]) -> Iterator[subprocess.Popen]:
        """Ready to start the program on these processors. The witness is left where it does not disturb."""
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        command = [*namespaces, "sh", "-c", GUARDIAN, "sh", self.preparation, *self.command]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "bufsize": 0}
        with self.log.open("w") as log, on_processors(processors):
            process = self.namespace.start(*command, **pipes, stderr=log)
        try:
            if not process.stdout.readline():
                raise BenchError(f"{self.name}: {self.log.read_text()}")
            yield process
        finally:
            end(process)


def end(guardian: subprocess.Popen) -> None:
    # One that is told to end in the midst of what it does with a prefix may not hear it.
    time.sleep(SETTLING_SECONDS)
    guardian.stdin.close()
    try:
        guardian.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        guardian.kill()
        guardian.wait()
    guardian.stdout.close()


def program(name: str) -> str:
    if path := shutil.which(name, path=SEARCH_PATH):
        return path
    raise BenchError(f"{name} is not installed: Tests/install-dependencies.sh bench")


def dhcpcd(directory: Path) -> tuple[list[str], str]:
    configuration = directory / "dhcpcd.conf"
    configuration.write_text(DHCPCD)
    # What it would run at each change (its hooks) is other programs' work.
    options = ["--nobackground", "--script", "/bin/true", "--config", str(configuration)]
    return [program("dhcpcd"), *options, UPLINK], "mount -t tmpfs tmpfs /var/lib/dhcpcd"


def networkd(_: Path) -> tuple[list[str], str]:
    """It reads /run/systemd, which is this program's. Where /sys is read-only it does not wait for udev."""
    configurations = Path("/run/systemd/network")
    configurations.mkdir(parents=True)
    for interface, text in NETWORKD.items():
        (configurations / f"{interface}.network").write_text(text)
    state = Path("/run/systemd/netif")
    state.mkdir()
    account = pwd.getpwnam("systemd-network")
    os.chown(state, account.pw_uid, account.pw_gid)
    return [program("systemd-networkd")], "mount -o remount,bind,ro /sys"


@contextlib.contextmanager
def attached(link: AccessLink, directory: Path) -> Iterator[list[Client]]:
    """All of them, each with an uplink on the link and a downlink to nobody."""
    clients = []
    try:
        for name, command in {"dhcpcd": dhcpcd, "systemd-networkd": networkd}.items():
            namespace = Namespace()
            clients.append(Client(name, *command(directory), namespace, directory / f"{name}.log"))
            link.attach(namespace.path)
            namespace.ip(f"""
                link add {DOWNLINK} type veth peer name down1
                link set {DOWNLINK} up
                link set down1 up
                """)
        yield clients
    finally:
        for client in clients:
            client.namespace.close()
