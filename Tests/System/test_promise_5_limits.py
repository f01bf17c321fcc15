"""Promise 5 at the limits: when something is used up, read-only, refused or late, whoever asks is told why, a line in
the log says so, and there is full service when the cause is gone."""

import contextlib
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest
import setsc_client
from host import A_WHILE, configuration, wait_until
from network import PREFIX
from setsc_client import FIXED, NON_PERSISTENT, SESSION_LASTING, Status, request

GOOD = request(SESSION_LASTING)
ON_LINK = "2001:db8:1::/64"


def lines_about(host, words, since=0):
    return [line for line in host.daemon.log[since:].splitlines() if words in line]


# Descriptors

@contextlib.contextmanager
def descriptors_left(host, count):
    """The daemon may open so many more."""
    process = host.daemon.process.pid
    time.sleep(0.05)  # what it has opened for a moment only, at its start, is closed
    used = {int(path.name) for path in Path(f"/proc/{process}/fd").iterdir()}
    free = [number for number in range(max(used) + count + 2) if number not in used]
    before = resource.prlimit(process, resource.RLIMIT_NOFILE)
    resource.prlimit(process, resource.RLIMIT_NOFILE, (free[count], before[1]))
    yield
    resource.prlimit(process, resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("left", [0, 1])
def test_no_descriptors_are_left(host, left):
    """None for the connection; one for it, and none for the socket that comes with the frame."""
    with descriptors_left(host, left):
        for _ in range(5):
            began = time.monotonic()
            assert host.ask(GOOD, host.socket()).refusal == ("FAILED", "EMFILE")
            assert time.monotonic() - began < 1
        assert len(lines_about(host, "Too many open files")) == 1, host.daemon.log
    sock, address = host.socket_with_address()
    assert address in host.addresses
    sock.close()
    host.assert_nothing_left()


def test_clients_that_wait_for_descriptors_cost_no_time(host):
    """A listener that stays ready because nothing can be accepted would keep the processor busy."""
    with descriptors_left(host, 0), contextlib.ExitStack() as clients:
        for _ in range(20):
            clients.enter_context(setsc_client.connect(host.daemon.setsc_socket))
        time.sleep(0.1)
        before = host.daemon.processor_ticks
        time.sleep(0.5)
        assert host.daemon.processor_ticks - before <= 5
    host.socket_with_address()


def test_the_administrator_is_served_when_descriptors_are_there_again(host):
    """Whoever has come meanwhile too."""
    with descriptors_left(host, 0):
        early = subprocess.Popen(host.daemon.odmctl_command("status"), stdout=subprocess.PIPE)
        time.sleep(A_WHILE)
    early.wait(5)
    early.stdout.close()
    assert host.daemon.odmctl("status").returncode == 0


def test_the_subscription_to_deaths_finds_no_descriptor(host):
    """It is opened with the first request, after the connection and the socket."""
    with descriptors_left(host, 2):
        sock = host.socket()
        host.ask(GOOD, sock)
        closed = host.socket()
        host.ask(GOOD, closed)
        closed.close()
    again, address = host.socket_with_address()
    assert address in host.addresses
    sock.close(), again.close()
    host.assert_nothing_left()


def test_few_descriptors_from_the_start(stopped_host):
    """Enough to run, and not for many clients at once; all are answered."""
    host = stopped_host
    host.daemon.wrapper = ["prlimit", "--nofile=40:40", "--"]
    host.daemon.start()
    clients = [setsc_client.connect(host.daemon.setsc_socket) for _ in range(60)]
    for client in clients:
        with contextlib.suppress(BrokenPipeError):
            setsc_client.send(client, GOOD, [host.socket()])
    for client in clients:
        with contextlib.suppress(ConnectionResetError):
            setsc_client.receive(client)
            continue
        setsc_client.receive(client)  # after the reset that an unread frame leads to
    for client in clients:
        client.close()
    host.socket_with_address()


# Disks

class Disk:
    """A tiny file system of the daemon's alone, over its runtime or state directory."""

    def __init__(self, host, directory, options):
        self.host, self.directory = host, directory
        directory.mkdir(exist_ok=True)
        self._inside = f"mount -t tmpfs -o {options} tmpfs {directory}"
        host.daemon.wrapper = ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                               f'{self._inside} && exec "$@"', "sh"]

    @property
    def path(self):
        return Path(f"/proc/{self.host.daemon.process.pid}/root{self.directory}")

    def remount(self, option):
        process = str(self.host.daemon.process.pid)
        subprocess.run(["nsenter", "--mount", "--target", process, "mount", "-o", f"remount,{option}",
                        self.directory], check=True)

    def fill(self):
        with open(self.path / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(bytes(4096))

    def clear(self):
        (self.path / "filler").unlink()


def ask_until_refused(host, most=2000):
    """Sockets that got their address, and the refusal of the one that did not."""
    for _ in range(most):
        reply = host.ask(GOOD, host.socket())
        if reply.status != Status.GRANTED:
            return reply.refusal
    raise AssertionError(f"{most} requests were granted")


def test_a_full_disk(stopped_host):
    host = stopped_host
    disk = Disk(host, host.daemon.runtime_directory, "size=64k")
    host.daemon.start()
    keeper, address = host.socket_with_address(bind=False)
    disk.fill()
    assert ask_until_refused(host) == ("FAILED", "ENOSPC")
    for _ in range(3):
        assert host.ask(GOOD, host.socket()).refusal == ("FAILED", "ENOSPC")
    assert len(lines_about(host, "No space left")) == 1, host.daemon.log
    assert address in host.addresses
    disk.clear()
    wait_until(lambda: host.ask(GOOD, host.socket()).status == Status.GRANTED, "service")
    keeper.close()


def test_a_disk_that_is_full_at_the_start(stopped_host):
    host = stopped_host
    disk = Disk(host, host.daemon.runtime_directory, "size=4k")
    host.daemon.wrapper[-2] = host.daemon.wrapper[-2].replace(
        "&& exec", f"&& head -c 4096 /dev/zero > {host.daemon.runtime_directory}/filler && exec")
    host.daemon.start()
    assert host.ask(GOOD, host.socket()).refusal == ("FAILED", "ENOSPC")
    assert not host.addresses or host.daemon.administer("sockets")["sockets"] == []
    disk.clear()
    disk.remount("size=1M")
    wait_until(lambda: host.ask(GOOD, host.socket()).status == Status.GRANTED, "service")


def test_a_read_only_runtime_directory(stopped_host):
    host = stopped_host
    disk = Disk(host, host.daemon.runtime_directory, "ro")
    host.daemon.start()
    for _ in range(3):
        assert host.ask(GOOD, host.socket()).refusal == ("FAILED", "EROFS")
    assert 1 <= len(lines_about(host, "Read-only file system")) <= 2, host.daemon.log
    wait_until(lambda: not host.addresses, "what was made for them goes")
    disk.remount("rw")
    wait_until(lambda: host.ask(GOOD, host.socket()).status == Status.GRANTED, "service")


def test_a_read_only_state_directory_with_the_secret(stopped_host):
    """Nothing needs to be written."""
    host = stopped_host
    host.daemon.start()
    sock, address = host.socket_with_address(FIXED)
    host.daemon.stop()
    directory = host.daemon.state_directory
    host.daemon.wrapper = ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                           f'mount --bind {directory} {directory} && mount -o remount,bind,ro {directory} '
                           '&& exec "$@"', "sh"]
    host.daemon.start()
    assert host.socket_with_address(FIXED)[1] == address
    assert sock.fileno() >= 0


def test_a_read_only_state_directory_without_the_secret(stopped_host):
    """A secret that cannot be kept would give other Fixed addresses after each start: it does not begin."""
    host = stopped_host
    Disk(host, host.daemon.state_directory, "ro")
    host.daemon.launch()
    assert host.daemon.process.wait(5) not in (0, None)
    assert lines_about(host, str(host.daemon.state_directory))
    host.daemon.wrapper = []
    host.daemon.start()
    host.socket_with_address(FIXED)


# Time

@pytest.mark.parametrize("first, second", [(0, 100_000), (100_000, 0), (1, 50)])
def test_a_clock_that_stands_elsewhere_after_a_restart(configured_host, first, second):
    """CLOCK_BOOTTIME is what the records' times are of, and what the kernel gives the start of a process in."""
    host = configured_host(configuration(session_lasting="LingerSec=0", non_persistent="LingerSec=1"))
    host.daemon.stop()

    def start(seconds):
        host.daemon.wrapper = ["unshare", "--time", "--boottime", str(seconds), "--"]
        host.daemon.start()

    start(first)
    sock, address = host.socket_with_address(bind=False)
    process, other = host.application("unbound-forked")
    process.wait(5)
    lingering, brief = host.socket_with_address(NON_PERSISTENT)
    lingering.close()
    host.daemon.kill()
    start(second)
    time.sleep(A_WHILE)
    assert {address, other} <= host.addresses
    host.wait_until_gone(brief)
    sock.close()
    process.stdin.close()
    host.assert_nothing_left()


def test_a_sleep_that_is_longer_than_anything_lingers(configured_host):
    """As in a suspend: what came due meanwhile comes together with new requests."""
    host = configured_host(configuration(session_lasting="LingerSec=1"))
    unbound, kept = host.socket_with_address(NON_PERSISTENT, bind=False)
    sock, address = host.socket_with_address()
    sock.close()
    wait_until(lambda: host.daemon.administer("sockets")["sockets"][1:] == [], "the socket is gone")
    host.daemon.process.send_signal(signal.SIGSTOP)
    time.sleep(1.2)
    clients = [setsc_client.connect(host.daemon.setsc_socket) for _ in range(3)]
    socks = [host.socket() for _ in clients]
    for client, each in zip(clients, socks):
        setsc_client.send(client, GOOD, [each])
    host.daemon.process.send_signal(signal.SIGCONT)
    for client, each in zip(clients, socks):
        each.bind((setsc_client.receive(client).address, 0))
        client.close()
    assert kept in host.addresses
    assert unbound.fileno() >= 0


#: A timer that tells when the clock is set is armed for a time that never comes.
NEVER_SECONDS = 10**9


def armed_clocks(host):
    """The clocks of the daemon's timers that will end."""
    found = set()
    for path in Path(f"/proc/{host.daemon.process.pid}/fdinfo").iterdir():
        fields = dict(line.split(": ", 1) for line in path.read_text().splitlines() if ": " in line)
        left = int(fields.get("it_value", "(0, 0)").strip("()").split(",")[0])
        if "clockid" in fields and fields["it_value"] != "(0, 0)" and left < NEVER_SECONDS:
            found.add(int(fields["clockid"]))
    return found


def test_linger_times_run_on_through_a_suspend_and_steps_of_the_clock(configured_host):
    """Their timer is on CLOCK_BOOTTIME, which counts the one and not the other."""
    host = configured_host(configuration(session_lasting="LingerSec=1h"))
    host.socket_with_address()[0].close()
    wait_until(lambda: host.daemon.administer("sockets")["sockets"] == [], "the socket is gone")
    clocks = armed_clocks(host)
    assert time.CLOCK_BOOTTIME in clocks
    assert time.CLOCK_REALTIME not in clocks


# A kernel that refuses

def test_without_the_privilege(stopped_host):
    host = stopped_host
    host.daemon.wrapper = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", "--"]
    host.daemon.start()
    log = len(host.daemon.log)
    assert host.ask(GOOD, host.socket()).refusal == ("FAILED", "EPERM")
    assert lines_about(host, "perm", log) or lines_about(host, "Operation not permitted")
    assert not host.addresses
    host.daemon.stop()
    host.daemon.wrapper = []
    host.daemon.start()
    host.socket_with_address()


@pytest.mark.parametrize("place, interface", [("interface", "up0"), ("loopback", "lo")])
def test_an_interface_without_ipv6(configured_host, place, interface):
    text = configuration(source=f"Place={place}")
    host = configured_host(text.replace(str(PREFIX), ON_LINK) if place == "interface" else text)
    host.namespace.set_sysctl(f"net/ipv6/conf/{interface}/disable_ipv6", 1)
    log = len(host.daemon.log)
    status, name = host.ask(GOOD, host.socket()).refusal
    assert status == "FAILED" and name in ("EACCES", "EPERM", "ENETUNREACH", "EINVAL"), name
    assert host.daemon.log[log:], "a line says so"
    host.namespace.set_sysctl(f"net/ipv6/conf/{interface}/disable_ipv6", 0)
    wait_until(lambda: host.ask(GOOD, host.socket()).status == Status.GRANTED, "service")


def test_an_interface_whose_ipv6_goes_while_an_address_is_used(configured_host):
    host = configured_host(configuration(source="Place=interface").replace(str(PREFIX), ON_LINK))
    sock, address = host.socket_with_address()
    host.namespace.set_sysctl("net/ipv6/conf/up0/disable_ipv6", 1)
    time.sleep(A_WHILE)
    host.namespace.set_sysctl("net/ipv6/conf/up0/disable_ipv6", 0)
    wait_until(lambda: host.marked(address), "it is put back")
    sock.close()
    wait_until(lambda: not host.marked(address), "it goes with its socket")


def test_an_interface_that_is_late_and_the_one_it_stands_for(configured_host):
    """A socket that asked before, and one after."""
    host = configured_host(configuration().replace("Interface=up0", "Interface=later0"))
    early = host.socket()
    assert host.ask(GOOD, early).refusal == ("FAILED", "ENETUNREACH")
    host.namespace.ip("link add later0 type veth peer name later1\nlink set later0 up")
    wait_until(lambda: host.ask(GOOD, early).status == Status.GRANTED, "service")
    early.bind((host.getsc(early)[0], 0))
    early.close()
    wait_until(lambda: not host.addresses, "nothing is left")


# Memory

def test_a_request_is_not_the_one_too_many_for_memory(host):
    """Addresses and sockets by the hundred; the daemon stays small, and goes back to nothing."""
    before = host.daemon.own_kilobytes
    socks = [host.socket() for _ in range(600)]
    for number, sock in enumerate(socks):
        reply = host.ask(request(SESSION_LASTING, flags=number % 2), sock)
        assert reply.status == Status.GRANTED or reply.refusal == ("FAILED", "EADDRNOTAVAIL")
    assert host.daemon.own_kilobytes - before < 2048
    for sock in socks:
        sock.close()
    host.assert_nothing_left()
