"""Promise 5: every request is answered, once, within its deadline, with an address or with a reason."""

import contextlib
import os
import socket
import time

import pytest
import setsc_client
from host import as_user, configuration, wait_until
from namespaces import Namespace
from setsc_client import ON_NET, SESSION_LASTING, Status, request

GOOD = request(SESSION_LASTING)
MOST_OF_ONE_USER = 256
MOST_ALTOGETHER = 1024


def refusal(host, frame, *sockets):
    return host.ask(frame, *sockets).refusal


# What is wrong with the socket

def test_no_descriptor(host):
    assert refusal(host, GOOD) == ("CALLER_ERROR", "EBADF")


@pytest.mark.parametrize("count", [2, 3, 16, 253])
def test_several_descriptors(host, count):
    before = host.daemon.descriptors
    assert refusal(host, GOOD, *[host.socket() for _ in range(count)]) == ("CALLER_ERROR", "EINVAL")
    assert host.daemon.descriptors <= before


def test_not_a_socket(host):
    with open("/dev/null") as file:
        assert refusal(host, GOOD, file) == ("CALLER_ERROR", "ENOTSOCK")


def test_a_descriptor_without_rights(host):
    descriptor = os.open("/", os.O_PATH)
    assert refusal(host, GOOD, descriptor) == ("CALLER_ERROR", "ENOTSOCK")
    os.close(descriptor)


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET])
def test_not_an_ipv6_socket(host, family):
    kind = socket.SOCK_RAW if family in (socket.AF_NETLINK, socket.AF_PACKET) else socket.SOCK_DGRAM
    assert refusal(host, GOOD, host.socket(kind, family)) == ("CALLER_ERROR", "EAFNOSUPPORT")


def test_a_socket_of_another_network_namespace(host):
    other = Namespace()
    with other:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    assert refusal(host, GOOD, sock) == ("NOT_SUPPORTED", "EXDEV")
    sock.close()
    other.close()


# What is wrong with the frame

@pytest.mark.parametrize("length", [*range(1, 16), 17, 31, 32, 33, 64, 1000, 4096, 100_000])
def test_a_frame_of_another_length(host, length):
    frame = (GOOD + bytes(100_000))[:length]
    assert refusal(host, frame, host.socket()) == ("CALLER_ERROR", "EBADMSG")


@pytest.mark.parametrize("frame, name", [
    (request(2, signature=b"Odm"), "EBADMSG"),
    (request(2, signature=bytes(3)), "EBADMSG"),
    (request(2, version=0), "EPROTONOSUPPORT"),
    (request(2, version=2), "EPROTONOSUPPORT"),
    (request(2, operation=0), "ENOTSUP"),
    (request(2, operation=4), "ENOTSUP"),
    (request(2, operation=3), "EINVAL"),
    (request(2, operation=0x81), "ENOTSUP"),
    (request(8), "EINVAL"),
    (request(255), "EINVAL"),
    (request(2, flags=4), "EINVAL"),
    (request(2, flags=0x8001), "EINVAL"),
    (request(2)[:8] + b"\1" + bytes(7), "EINVAL"),
    (request(2)[:15] + b"\1", "EINVAL"),
    (request(2, operation=setsc_client.GETSC), "EINVAL"),
    (request(0, operation=setsc_client.GETSC, flags=ON_NET), "EINVAL"),
    (request(0, operation=setsc_client.GETSC, flags=setsc_client.ON_BEHALF), "EINVAL"),
], ids=lambda value: value.hex() if isinstance(value, bytes) else value)
def test_a_frame_that_says_what_it_may_not(host, frame, name):
    assert refusal(host, frame, host.socket()) == ("CALLER_ERROR", name)


def test_a_refusal_names_the_operation_that_it_answers(host):
    assert host.ask(request(0), host.socket()).operation == setsc_client.SETSC
    assert host.ask(request(0, operation=setsc_client.GETSC), host.socket()).operation == setsc_client.GETSC


def test_an_empty_frame(host):
    """SOCK_SEQPACKET can carry one; it looks like the end of the connection. Nothing hangs by it."""
    with setsc_client.connect(host.daemon.setsc_socket) as connection:
        connection.send(b"")
        octets = connection.recv(64)
        assert octets == b"" or len(octets) == setsc_client.REPLY.size
    host.socket_with_address()


# The network's part

def test_an_empty_pool(configured_host):
    host = configured_host(configuration(source="MaxAddresses=3"))
    given = [host.socket_with_address(on_net=True) for _ in range(3)]
    assert refusal(host, request(SESSION_LASTING, flags=ON_NET), host.socket()) == ("FAILED", "EADDRNOTAVAIL")
    sock, address = given.pop()
    sock.close()
    host.wait_until_gone(address)
    assert host.socket_with_address(on_net=True)[1] in host.addresses


def test_too_many_addresses_for_one_socket(host):
    sock = host.socket()
    for _ in range(16):
        host.setsc(sock, on_net=True)
    assert refusal(host, request(SESSION_LASTING, flags=ON_NET), sock) == ("FAILED", "EDQUOT")
    assert host.setsc(host.socket(), on_net=True) in host.addresses


def test_the_interface_of_the_source_is_absent(configured_host):
    host = configured_host(configuration().replace("Interface=up0", "Interface=nosuch0"))
    assert refusal(host, GOOD, host.socket()) == ("FAILED", "ENETUNREACH")


def test_the_interface_of_the_source_appears_later(configured_host):
    host = configured_host(configuration().replace("Interface=up0", "Interface=later0"))
    assert refusal(host, GOOD, host.socket()) == ("FAILED", "ENETUNREACH")
    host.namespace.ip("link add later0 type veth peer name later1\nlink set later0 up")
    from host import wait_until
    wait_until(lambda: host.ask(GOOD, host.socket()).status == Status.GRANTED, "the source is there")


# Clients that are slow, silent or many

@contextlib.contextmanager
def silent_clients(host, count):
    with contextlib.ExitStack() as clients:
        yield [clients.enter_context(setsc_client.connect(host.daemon.setsc_socket)) for _ in range(count)]


def test_silent_clients_delay_nobody(host):
    with silent_clients(host, 100):
        began = time.monotonic()
        for _ in range(20):
            host.setsc(host.socket())
        assert time.monotonic() - began < 1


def test_a_silent_client_is_told_and_let_go(host):
    before = host.daemon.descriptors
    with silent_clients(host, 3) as clients:
        began = time.monotonic()
        for client in clients:
            assert setsc_client.receive(client).refusal == ("CALLER_ERROR", "ETIMEDOUT")
            assert client.recv(64) == b""
        assert time.monotonic() - began < 4
    assert host.daemon.descriptors <= before


def test_a_slow_client_is_served(host):
    with setsc_client.connect(host.daemon.setsc_socket) as connection:
        time.sleep(0.5)
        setsc_client.send(connection, GOOD, [host.socket()])
        assert setsc_client.receive(connection).status == Status.GRANTED


def test_clients_that_read_no_answers_delay_nobody(host):
    with contextlib.ExitStack() as clients:
        for _ in range(200):
            connection = clients.enter_context(setsc_client.connect(host.daemon.setsc_socket))
            setsc_client.send(connection, GOOD, [host.socket()])
        began = time.monotonic()
        host.setsc(host.socket())
        assert time.monotonic() - began < 1


def test_a_second_frame_is_not_served(host):
    with setsc_client.connect(host.daemon.setsc_socket) as connection:
        sock = host.socket()
        # What the client hears depends on whether its second frame came before the daemon had closed.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            setsc_client.send(connection, GOOD, [sock])
            setsc_client.send(connection, GOOD, [sock])
            assert setsc_client.receive(connection).status == Status.GRANTED
            assert connection.recv(64) == b""
    host.setsc(sock)


def test_one_user_cannot_take_all_places(host):
    """Silent clients of one user are turned away at a bound that leaves room for others."""
    path = str(host.daemon.setsc_socket)

    def crowd():
        clients = [setsc_client.connect(path) for _ in range(MOST_OF_ONE_USER + 20)]
        return {setsc_client.receive(client).refusal for client in clients[MOST_OF_ONE_USER:]}

    assert as_user(4001, crowd) == "{('FAILED', 'EDQUOT')}"
    host.setsc(host.socket())


def connect_patiently(path):
    """A connect() that may not wait is told that the line of those who come is full."""
    while True:
        with contextlib.suppress(BlockingIOError):
            return setsc_client.connect(path)
        time.sleep(0.001)


def test_the_places_are_bounded_altogether(host):
    path = str(host.daemon.setsc_socket)
    crowds = []
    ready, release = os.pipe(), os.pipe()
    for user in range(4001, 4001 + MOST_ALTOGETHER // MOST_OF_ONE_USER):
        child = os.fork()
        if child == 0:
            try:
                os.setresuid(user, user, user)
                clients = [connect_patiently(path) for _ in range(MOST_OF_ONE_USER)]
                os.write(ready[1], b"!")
                os.close(release[1])
                os.read(release[0], 1)
                del clients
            finally:
                # Whatever happens, a child of pytest's is not to go on as another pytest.
                os._exit(0)
        crowds.append(child)
    os.close(ready[1])
    for _ in crowds:
        assert os.read(ready[0], 1) == b"!"
    # Users are served in turn: one more, of another user, would not be the last.
    wait_until(lambda: host.daemon.descriptors > MOST_ALTOGETHER, "all were accepted")
    time.sleep(0.1)
    with setsc_client.connect(path) as one_more:
        assert setsc_client.receive(one_more).refusal == ("FAILED", "EBUSY")
    sock = host.socket()
    with setsc_client.connect(path) as connection:
        # Who is quick is served all the same, or told that there is no room.
        with contextlib.suppress(BrokenPipeError):
            setsc_client.send(connection, GOOD, [sock])
        assert setsc_client.receive(connection).refusal in (("GRANTED", 0), ("FAILED", "EBUSY"))
    os.close(release[1])
    for child in crowds:
        os.waitpid(child, 0)
    for descriptor in (ready[0], release[0]):
        os.close(descriptor)
    host.setsc(host.socket())


def test_a_stopping_daemon_leaves_no_client_waiting(host):
    with silent_clients(host, 2) as clients:
        host.daemon.stop()
        for client in clients:
            with contextlib.suppress(ConnectionResetError):
                client.recv(64)


def test_without_a_daemon_a_client_knows_at_once(host):
    host.daemon.stop()
    with pytest.raises((ConnectionRefusedError, FileNotFoundError)):
        setsc_client.connect(host.daemon.setsc_socket)
