"""A helper program as a source of prefixes: the example that is shipped, and one that does what a test says."""

import ipaddress
import json
import shutil
import textwrap
from pathlib import Path

import pytest
from daemon import ROOT
from host import LOOKED_AT_SECONDS, configuration_with, wait_until
from network import PREFIX
from setsc_client import FIXED, NON_PERSISTENT, SESSION_LASTING, request

POOL = [str(prefix) for prefix in list(PREFIX.subnets(new_prefix=64))[16:19]]
TYPES = "fixed session-lasting non-persistent"


def is_in(address, prefix):
    return ipaddress.IPv6Address(address) in ipaddress.IPv6Network(prefix)


class Pool:
    """The example helper's files, where a helper may write."""

    def __init__(self, host, *lines, valid=3600):
        self.directory = Path(host.daemon.directory, "helper")
        self.directory.mkdir(mode=0o777)
        self.directory.chmod(0o777)
        # The source tree may be nobody's to look into.
        self.program = Path(shutil.copy(ROOT / "examples/pool-helper", self.directory))
        self.file, self.state = self.directory / "pool", self.directory / "state"
        self.file.write_text("\n".join(lines) + "\n")
        self.source = source(f"{self.program} --valid {valid} {self.file} {self.state}")

    @property
    def taken(self):
        leases = json.loads(self.state.read_text()) if self.state.exists() else {}
        return {lease["prefix"] for lease in leases.values()}


def source(command, name="modem", **keys):
    lines = [f"{key}={value}" for key, value in keys.items()]
    return "\n".join([f"[Source {name}]", "Kind=helper", f"Types={TYPES}", f"Command={command}", "Interface=up0",
                      *lines, ""])


@pytest.fixture
def pool(stopped_host):
    """Call it with lines of a pool for a host whose only source is the example helper."""
    def start(*lines, **options):
        pool = Pool(stopped_host, *lines, **options)
        stopped_host.daemon.configure(configuration_with(pool.source))
        stopped_host.daemon.start()
        return pool
    return start


@pytest.fixture
def script(stopped_host):
    """Call it with a shell script for a host whose only source is that."""
    def start(text, daemon=""):
        program = Path(stopped_host.daemon.directory, "script")
        program.write_text("#!/bin/sh\n" + textwrap.dedent(text))
        program.chmod(0o755)
        stopped_host.daemon.configure(configuration_with(source(program), daemon=daemon))
        stopped_host.daemon.start()
        return program
    return start


def test_a_prefix_from_a_helper(pool, stopped_host, server):
    """From the question to the release: an address, its routing, TCP through it, and nothing left."""
    host, pool = stopped_host, pool(f"{POOL[0]} session-lasting")
    sock, address = host.socket_with_address()
    assert is_in(address, POOL[0]) and pool.taken == {POOL[0]}
    assert host.peer_seen_by_server(sock, server) == address
    _, again = host.socket_with_address()
    assert again == address, "one prefix for all who share the type"
    host.close_sockets()
    host.wait_until_gone(address)
    wait_until(lambda: not pool.taken, "the helper was told")
    host.assert_nothing_left()


def test_types_have_prefixes_of_their_own(pool, stopped_host):
    host, pool = stopped_host, pool(f"{POOL[0]} session-lasting", f"{POOL[1]} non-persistent fixed")
    assert is_in(host.socket_with_address(SESSION_LASTING)[1], POOL[0])
    assert is_in(host.socket_with_address(NON_PERSISTENT)[1], POOL[1])
    assert host.ask(request(FIXED), host.socket()).refusal == ("FAILED", "EADDRNOTAVAIL")
    assert "all 1 prefixes for fixed are in use" in host.daemon.log
    assert pool.taken == set(POOL[:2])


def test_on_net_gets_a_prefix_to_itself(pool, stopped_host):
    host, pool = stopped_host, pool(*(f"{prefix} session-lasting" for prefix in POOL[:2]))
    _, shared = host.socket_with_address()
    own, address = host.socket_with_address(on_net=True)
    assert {prefix for prefix in POOL for found in (shared, address) if is_in(found, prefix)} == set(POOL[:2])
    own.close()
    wait_until(lambda: len(pool.taken) == 1, "the helper was told of one")
    assert shared in host.addresses


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_prefix_outlives_the_daemon(pool, stopped_host, end):
    host, pool = stopped_host, pool(f"{POOL[0]} session-lasting")
    sock, address = host.socket_with_address(bind=False)
    with host.daemon_away(end):
        assert pool.taken == {POOL[0]}
    assert host.socket_with_address()[1] == address
    host.close_sockets()
    wait_until(lambda: not pool.taken, "the helper was told", LOOKED_AT_SECONDS)


def test_a_fixed_prefix_outlives_the_machine(pool, stopped_host):
    host, pool = stopped_host, pool(f"{POOL[0]} fixed")
    _, address = host.socket_with_address(FIXED)
    host.reboot()
    assert host.socket_with_address(FIXED)[1] == address
    assert pool.taken == {POOL[0]}


def test_a_prefix_is_renewed(pool, stopped_host):
    """The shortest time that there is: renewed after five seconds, over after ten."""
    host, pool = stopped_host, pool(f"{POOL[0]} session-lasting", valid=10)

    def until():
        (lease,) = json.loads(pool.state.read_text()).values()
        return lease["until"]

    _, address = host.socket_with_address()
    first = until()
    wait_until(lambda: until() > first, "it is renewed", 8)
    assert address in host.addresses


def test_a_prefix_that_the_helper_takes_away(pool, stopped_host):
    """Sockets keep their addresses; nobody new gets one."""
    host, pool = stopped_host, pool(f"{POOL[0]} session-lasting", valid=10)
    sock, address = host.socket_with_address()
    pool.file.write_text(f"{POOL[1]} session-lasting\n")
    wait_until(lambda: "takes a prefix away" in host.daemon.log, "the renewal is refused", 8)
    assert is_in(host.socket_with_address()[1], POOL[1])
    assert address in host.addresses
    sock.close()
    host.wait_until_gone(address)


@pytest.mark.parametrize("text, errno", [
    ("exit 69", "EADDRNOTAVAIL"), ("exit 1", "EADDRNOTAVAIL"), ("echo nonsense", "EADDRNOTAVAIL"),
    ("kill -9 $$", "EADDRNOTAVAIL"),
    ("echo '{\"version\":1,\"prefix\":\"ff02::/64\"}'", "EADDRNOTAVAIL"),
    ("exec sleep 100", "ETIMEDOUT"),
], ids=["none", "failure", "nonsense", "killed", "multicast", "never ends"])
def test_a_helper_that_gives_nothing(script, stopped_host, text, errno):
    script(text, daemon="RequestTimeoutSec=1")
    assert stopped_host.ask(request(SESSION_LASTING), stopped_host.socket()).refusal == ("FAILED", errno)
    stopped_host.assert_nothing_left()


def test_a_helper_that_is_not_there(script, stopped_host):
    script("").unlink()
    assert stopped_host.ask(request(SESSION_LASTING), stopped_host.socket()).refusal == ("FAILED", "EADDRNOTAVAIL")
    assert "No such file or directory" in stopped_host.daemon.log


def test_a_prefix_that_overlaps_another(stopped_host):
    """It is given back, and the next source is asked."""
    host = stopped_host
    first, second = Pool(host, f"{POOL[0]} session-lasting non-persistent"), POOL[0].replace("/64", "/62")
    script = Path(host.daemon.directory, "script")
    script.write_text(f"#!/bin/sh\necho '{{\"version\":1,\"prefix\":\"{second}\"}}'\n")
    script.chmod(0o755)
    host.daemon.configure(configuration_with(
        source(script, "wide").replace("Types=" + TYPES, "Types=non-persistent"), first.source))
    host.daemon.start()
    _, address = host.socket_with_address(SESSION_LASTING)
    assert host.ask(request(NON_PERSISTENT), host.socket()).refusal == ("FAILED", "EADDRNOTAVAIL")
    assert "addresses are ours already" in host.daemon.log
    assert address in host.addresses


def test_a_source_that_is_taken_out_of_the_configuration(pool, stopped_host):
    host, pool = stopped_host, pool(f"{POOL[0]} session-lasting")
    sock, address = host.socket_with_address()
    host.daemon.configure(configuration_with(f"[Source home]\nKind=static\nTypes=session-lasting\nPrefix={POOL[2]}\n"))
    host.daemon.reload()
    assert is_in(host.socket_with_address()[1], POOL[2])
    assert address in host.addresses and pool.taken
    sock.close()
    host.wait_until_gone(address)
    wait_until(lambda: not pool.taken, "the helper was told")


def test_a_source_that_is_missing_at_a_start(pool, stopped_host):
    """What it gave is kept: sockets have their address, and the helper is told when it is back."""
    host, pool = stopped_host, pool(f"{POOL[0]} session-lasting")
    sock, address = host.socket_with_address()
    with host.daemon_away("stop"):
        host.daemon.configure(configuration_with(
            f"[Source home]\nKind=static\nTypes=session-lasting\nPrefix={POOL[2]}\n"))
    assert "source modem is not there" in host.daemon.log and "the time of" not in host.daemon.log
    assert is_in(host.socket_with_address()[1], POOL[2])
    assert address in host.addresses
    sock.close()
    host.wait_until_gone(address)
    assert pool.taken == {POOL[0]}, "nobody could be told"
    host.daemon.configure(configuration_with(pool.source))
    host.daemon.reload()
    wait_until(lambda: not pool.taken, "the helper was told")
    wait_until(lambda: not list(Path(host.daemon.state_directory, "leases").iterdir()), "nothing is kept")


@pytest.mark.parametrize("moment", [-2 ** 63, 2 ** 63 - 1])
def test_a_lease_that_is_damaged(pool, stopped_host, moment):
    """Its time cannot be counted with."""
    host, pool = stopped_host, pool(f"{POOL[0]} session-lasting")
    _, address = host.socket_with_address()
    with host.daemon_away("stop"):
        (file,) = Path(host.daemon.state_directory, "leases").iterdir()
        lease = json.loads(file.read_text())
        lease["helper"]["validUntil"] = moment
        file.write_text(json.dumps(lease))
    assert f"keeping it as {file}.refused" in host.daemon.log
    assert address in host.addresses and Path(f"{file}.refused").exists()
