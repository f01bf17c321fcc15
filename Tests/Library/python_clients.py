#!/usr/bin/env python3
"""Runs examples/setsc.py and the clients in docs/protocol.md against the fake daemon.

python_clients.py SOURCE-DIRECTORY DIRECTORY-OF-THE-FAKE-DAEMON
"""

import errno
import os
import re
import socket
import struct
import sys
from pathlib import Path

SO_COOKIE = 57
source, daemon = Path(sys.argv[1]), Path(sys.argv[2])
sys.dont_write_bytecode = True
sys.path.insert(0, str(source / "examples"))
from setsc import SetscError, setsc as setsc_of_example  # noqa: E402


def functions_of_documentation():
    """`setsc` and `watch` in the page, with the path from ODM_SOCKET."""
    text = re.search(r"```python\n(.*?)\nsock = ", (source / "docs/protocol.md").read_text(), re.DOTALL)[1]
    assert '"/run/odm/setsc"' in text
    names = {}
    exec(text.replace('"/run/odm/setsc"', 'os.environ["ODM_SOCKET"]'), names)
    return names["setsc"], names["watch"]


def refusal(setsc, sock, behaviour):
    os.environ["ODM_SOCKET"] = str(daemon / behaviour)
    try:
        return setsc(sock, 2)
    except OSError as error:
        return error.errno


def check_watch(watch, sock):
    (cookie,) = struct.unpack("=Q", sock.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8))
    address = socket.inet_ntop(socket.AF_INET6, struct.pack("!IHBBQ", 0x20010DB8, 3, 0, 2, cookie))
    os.environ["ODM_SOCKET"] = str(daemon / "events")
    events = watch(sock)
    assert [next(events) for _ in range(4)] == [
        ("deprecated", address, 60_000, "::"),
        ("replaced", address, 59_999, "2001:db8:ffff::99"),
        ("removed", address, 0, "2001:db8:ffff::99"),
        ("restored", address, 0xFFFFFFFF, "::"),
    ]
    events.close()
    os.environ["ODM_SOCKET"] = str(daemon / "events-end")
    assert [event[0] for event in watch(sock)] == ["deprecated"]
    for behaviour, expected in (("nothing-given", errno.ENOENT), ("event-short", errno.EBADMSG)):
        os.environ["ODM_SOCKET"] = str(daemon / behaviour)
        try:
            raise AssertionError(f"{behaviour}: {next(watch(sock))}")
        except OSError as error:
            assert error.errno == expected, behaviour


def check(setsc, sock):
    (cookie,) = struct.unpack("=Q", sock.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8))
    for on_net in (False, True):
        os.environ["ODM_SOCKET"] = str(daemon / "granted")
        expected = struct.pack("!IHBBQ", 0x20010DB8, 1, on_net, 3, cookie)
        assert setsc(sock, 3, on_net) == socket.inet_ntop(socket.AF_INET6, expected)
    assert refusal(setsc, sock, "no-source") == errno.ENOTSUP
    assert refusal(setsc, sock, "exhausted") == errno.EADDRNOTAVAIL
    assert refusal(setsc, sock, "refusing") == errno.ECONNREFUSED
    assert refusal(setsc, sock, "no-such-socket") == errno.ENOENT
    for behaviour in ("short", "long", "not-ours", "other-version"):
        assert refusal(setsc, sock, behaviour) == errno.EBADMSG, behaviour


with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
    setsc_of_documentation, watch_of_documentation = functions_of_documentation()
    check(setsc_of_documentation, sock)
    check_watch(watch_of_documentation, sock)
    check(setsc_of_example, sock)
    assert refusal(setsc_of_example, sock, "dying") == errno.ECONNRESET
    os.environ["ODM_SOCKET"] = str(daemon / "timed-out")
    try:
        setsc_of_example(sock, 2)
    except SetscError as error:
        assert (error.status, error.errno) == (2, errno.ETIMEDOUT)
