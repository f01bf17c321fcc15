"""Ten thousand malformed messages on each socket: an error each, no growth, and then good service."""

import contextlib
import json
import os
import random
import socket

import setsc_client
from setsc_client import Status

COUNT = 10_000
GROWTH_KILOBYTES = 512
SEED = int(os.environ.get("ODM_SEED", "1"))


def malformed_frame(dice):
    """A frame with at least one thing wrong."""
    good = bytearray(setsc_client.request(dice.randint(1, 3)))
    match dice.randrange(5):
        case 0: return dice.randbytes(dice.choice([*range(1, 16), *range(17, 200)]))
        case 1: good[dice.randrange(5)] ^= 1 << dice.randrange(3, 8)
        case 2: good[5] = dice.choice([0, *range(5, 256)])
        case 3: good[dice.randrange(8, 16)] = dice.randint(1, 255)
        case 4: return dice.randbytes(16)
    return bytes(good)


def test_malformed_frames(host):
    print(f"ODM_SEED={SEED}")
    dice = random.Random(SEED)
    sock, file = host.socket(), open("/dev/null")
    attached = [(), (sock,), (sock, sock), (file,), (sock, file)]

    def flood(count):
        for _ in range(count):
            reply = host.ask(malformed_frame(dice), *dice.choice(attached))
            assert reply.status == Status.CALLER_ERROR and reply.errno != 0, reply

    flood(500)  # the daemon has its working set now
    memory, descriptors = host.daemon.own_kilobytes, host.daemon.descriptors
    flood(COUNT)
    assert host.daemon.own_kilobytes - memory < GROWTH_KILOBYTES
    assert host.daemon.descriptors == descriptors
    assert host.daemon.administer("addresses")["addresses"] == []
    assert host.setsc(sock) in host.addresses
    file.close()


GOOD_CALL = {"method": "org.odmd.Manager.Status"}


def malformed_message(dice):
    """Octets up to the NUL that are no good call."""
    text = json.dumps(GOOD_CALL).encode()
    match dice.randrange(8):
        case 0: return bytes(dice.choices(range(1, 256), k=dice.randint(1, 100)))
        case 1: return text[:dice.randrange(1, len(text) - 1)]
        case 2: return b"[" * dice.randint(1, 5000)
        case 3: return b'{"a":' * dice.randint(1, 3000)
        case 4: return json.dumps({"method": dice.choice(["", ".", "Status", "org.odmd.Manager.Nothing",
                                                          "org.nobody.Knows", "x" * 1000, 5])}).encode()
        case 5: return json.dumps({"method": "org.odmd.Manager.Acquire", "parameters": dice.choice(
            [{}, {"type": 7}, {"type": "eternal"}, {"type": None}, [], "x", {"type": "fixed", "more": 1},
             {"type": "fixed", "on_net": "yes"}])}).encode()
        case 6: return dice.choice([b"null", b"true", b"12", b'""', b"[]", b"{}", b"nan", b"\xff\xfe", b" "])
        case 7:
            address = dice.choice(["", "::1", "fe80::1%lo", "10.0.0.1", ":" * 100, 5, None])
            call = {"method": "org.odmd.Manager.Release", "parameters": {"address": address}}
            return json.dumps(call).encode()


def is_error_or_end(connection, message):
    """Sends one message; true when the answer is an error or the end of the connection."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(message + b"\0")
        data = b""
        while not data.endswith(b"\0"):
            octets = connection.recv(65536)
            if not octets:
                return True
            data += octets
        reply = json.loads(data[:-1])
        assert "error" in reply, f"{message[:200]} was answered by {reply}"
    return True


def test_malformed_messages(host):
    print(f"ODM_SEED={SEED}")
    dice = random.Random(SEED)

    def flood(count):
        for _ in range(count):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5)
                connection.connect(str(host.daemon.admin_socket))
                assert is_error_or_end(connection, malformed_message(dice))

    flood(500)
    memory, descriptors = host.daemon.own_kilobytes, host.daemon.descriptors
    flood(COUNT)
    assert host.daemon.own_kilobytes - memory < GROWTH_KILOBYTES
    assert host.daemon.administer("status")["addresses"] == 0
    assert host.daemon.descriptors <= descriptors


def test_a_message_without_end_is_bounded(host):
    before = host.daemon.own_kilobytes
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(host.daemon.admin_socket))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(200):
                connection.sendall(b" " * 65536)
            while connection.recv(4096):
                pass
    assert host.daemon.own_kilobytes - before < 1024
    host.daemon.administer("status")


def test_administrators_that_do_not_read_delay_nobody(host):
    """Calls in, no answers out: the daemon stops reading rather than storing what nobody takes."""
    before = host.daemon.own_kilobytes
    call = json.dumps({"method": "org.varlink.service.GetInterfaceDescription",
                       "parameters": {"interface": "org.odmd.Manager"}}).encode() + b"\0"
    with contextlib.ExitStack() as stack:
        for _ in range(8):
            connection = stack.enter_context(socket.socket(socket.AF_UNIX))
            connection.connect(str(host.daemon.admin_socket))
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
                for _ in range(20_000):
                    connection.send(call)
        host.daemon.administer("status")
        host.setsc(host.socket())
        assert host.daemon.own_kilobytes - before < 4096
