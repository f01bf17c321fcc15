#!/usr/bin/env python3
"""A daemon that behaves as a test wants it to.

    fake_daemon.py DIRECTORY

Listens on one socket for each behaviour, DIRECTORY/BEHAVIOUR, prints "ready", and serves until it is killed.
What the behaviours are is in the table at the end; the frames are those of docs/protocol.md.
"""

import errno
import os
import socket
import struct
import sys
import threading
import time

SO_COOKIE = 57
GRANTED, NOT_SUPPORTED, FAILED, CALLER_ERROR = range(4)
DEPRECATED, REPLACED, REMOVED, RESTORED = range(1, 5)
NO_END = 0xFFFFFFFF
REPLACEMENT = bytes.fromhex("20010db8ffff00000000000000000099")


def reply(operation=1, type=0, status=GRANTED, error=0, address=bytes(16)):
    return struct.pack("!3sBBBBxi4x16s", b"odm", 1, operation | 0x80, type, status, error, address)


def event(asked, what, milliseconds=NO_END, replacement=bytes(16), type=2):
    """What becomes of the address that the reply to `asked` names."""
    return struct.pack("!3sBBBxxI4x16s16s", b"odm", 1, what, type, milliseconds, asked.address(), replacement)


class Asked:
    """A request that was read: its fields, and the cookie of the socket that came with it."""

    def __init__(self, connection):
        frame, descriptors, _, _ = socket.recv_fds(connection, 64, 4)
        cookies = []
        for descriptor in descriptors:
            with socket.socket(fileno=descriptor) as passed:
                cookies.append(struct.unpack("=Q", passed.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8))[0])
        signature, version, self.operation, self.type, self.flags, reserved = struct.unpack("!3sBBBHQ", frame)
        assert (signature, version, reserved, len(cookies)) == (b"odm", 1, 0, 1), (frame, cookies)
        self.cookie = cookies[0]

    def address(self):
        """An address that tells what was asked: 2001:db8:OPERATION:TYPE+FLAGS:COOKIE."""
        type = self.type or 2
        return struct.pack("!IHBBQ", 0x20010DB8, self.operation, self.flags, type, self.cookie)

    def granted(self):
        return reply(self.operation, self.type or 2, address=self.address())


def answering(make_reply, delay_seconds=0.0):
    """Reads the request and sends what `make_reply` makes of it."""

    def serve(connection):
        asked = Asked(connection)
        time.sleep(delay_seconds)
        connection.send(make_reply(asked))

    return serve


def refusing(status, error):
    return answering(lambda asked: reply(asked.operation, status=status, error=error))


def changed(offset, *octets):
    """A good reply in which some octets are others."""

    def make(asked):
        frame = asked.granted()
        return frame[:offset] + bytes(octets) + frame[offset + len(octets) :]

    return answering(make)


def with_descriptors(connection):
    """Sends a good reply, and descriptors that nobody asked for."""
    asked = Asked(connection)
    socket.send_fds(connection, [asked.granted()], [0, 1, 2])


def silent(connection):
    """Never answers; notices when the client gives up, and says so in DIRECTORY/dropped."""
    Asked(connection)
    if connection.recv(1) == b"":
        with open(os.path.join(sys.argv[1], "dropped"), "a") as file:
            file.write("x")


def busy(connection):
    """Answers before it has read anything, and closes with the request unread."""
    time.sleep(0.05)
    connection.send(reply(1, status=FAILED, error=errno.EBUSY))


def busy_at_once(connection):
    connection.send(reply(0, status=FAILED, error=errno.EBUSY))


def telling(*make_frames, delay_seconds=0.0, ends=False):
    """Answers a watch and sends the frames, and then ends or waits for the client to."""

    def serve(connection):
        asked = Asked(connection)
        connection.send(asked.granted())
        for make in make_frames:
            time.sleep(delay_seconds)
            connection.send(make(asked))
        if not ends:
            connection.recv(1)

    return serve


def deprecated(asked):
    return event(asked, DEPRECATED, 60_000)


def replaced(asked):
    return event(asked, REPLACED, 59_999, REPLACEMENT)


def removed(asked):
    return event(asked, REMOVED, 0, REPLACEMENT)


def restored(asked):
    return event(asked, RESTORED)


def telling_wrongly(offset, *octets):
    """An event in which some octets are wrong, and then a good one."""

    def make(asked):
        frame = replaced(asked)
        return frame[:offset] + bytes(octets) + frame[offset + len(octets) :]

    return telling(make, deprecated)


BEHAVIOURS = {
    "granted": answering(Asked.granted),
    "slow": answering(Asked.granted, delay_seconds=0.3),
    "no-source": refusing(NOT_SUPPORTED, errno.ENOTSUP),
    "other-namespace": refusing(NOT_SUPPORTED, errno.EXDEV),
    "exhausted": refusing(FAILED, errno.EADDRNOTAVAIL),
    "timed-out": refusing(FAILED, errno.ETIMEDOUT),
    "nothing-given": refusing(CALLER_ERROR, errno.ENOENT),
    "bad-request": answering(lambda asked: reply(0, status=CALLER_ERROR, error=errno.EBADMSG)),
    "busy": busy,
    "busy-at-once": busy_at_once,
    "silent": silent,
    "dying": Asked,
    "dying-unread": lambda connection: time.sleep(0.05),
    "dying-at-once": lambda connection: None,
    "empty": answering(lambda asked: b""),
    "short": answering(lambda asked: asked.granted()[:31]),
    "long": answering(lambda asked: asked.granted() + b"\0"),
    "huge": answering(lambda asked: asked.granted() * 1000),
    "not-ours": changed(0, ord("O")),
    "other-version": changed(3, 2),
    "a-request": changed(4, 0x01),
    "other-operation": changed(4, 0x87),
    "type-0": changed(5, 0),
    "type-5": changed(5, 5),
    "type-8": changed(5, 8),
    "unknown-status": changed(6, 4),
    "reserved-7": changed(7, 1),
    "reserved-12": changed(12, 1),
    "reserved-15": changed(15, 0x80),
    "granted-with-error": changed(8, 0, 0, 0, errno.EPERM),
    "refused-without-error": changed(6, FAILED),
    "negative-error": changed(6, FAILED, 0, 0xFF, 0xFF, 0xFF, 0xFF),
    "granted-unknown-operation": changed(4, 0x80),
    "no-address": changed(16, *bytes(16)),
    "with-descriptors": with_descriptors,
    "events": telling(deprecated, replaced, removed, restored),
    "slow-events": telling(deprecated, replaced, delay_seconds=0.3),
    "many-events": telling(*[replaced] * 200),
    "no-events": telling(),
    "events-end": telling(deprecated, ends=True),
    "event-short": telling(lambda asked: deprecated(asked)[:47], deprecated),
    "event-long": telling(lambda asked: deprecated(asked) + b"\0", deprecated),
    "event-huge": telling(lambda asked: deprecated(asked) * 1000, deprecated),
    "event-is-reply": telling(Asked.granted, deprecated),
    "event-not-ours": telling_wrongly(2, ord("n")),
    "event-other-version": telling_wrongly(3, 2),
    "event-0": telling_wrongly(4, 0),
    "event-5": telling_wrongly(4, 5),
    "event-reply": telling_wrongly(4, 0x83),
    "event-type-0": telling_wrongly(5, 0),
    "event-type-5": telling_wrongly(5, 5),
    "event-type-8": telling_wrongly(5, 8),
    "event-reserved-6": telling_wrongly(6, 1),
    "event-reserved-12": telling_wrongly(12, 1),
    "event-reserved-15": telling_wrongly(15, 0x80),
    "event-no-address": telling_wrongly(16, *bytes(16)),
    "event-replaced-by-nothing": telling_wrongly(32, *bytes(16)),
}


def attend(listener, serve):
    def attend_one(connection):
        with connection:
            try:
                serve(connection)
            except OSError:
                pass  # the client is gone, which is what some tests are about

    while True:
        connection, _ = listener.accept()
        # One that has connected but not sent must not keep others waiting, perhaps its own signal handler.
        threading.Thread(target=attend_one, args=(connection,), daemon=True).start()


def main():
    directory = sys.argv[1]
    keep = []
    for name, serve in BEHAVIOURS.items():
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(os.path.join(directory, name))
        listener.listen(1000)
        threading.Thread(target=attend, args=(listener, serve), daemon=True).start()
    for name, type, listens in (
        ("refusing", socket.SOCK_SEQPACKET, False),
        ("stream", socket.SOCK_STREAM, True),
        ("full", socket.SOCK_SEQPACKET, True),
    ):
        unattended = socket.socket(socket.AF_UNIX, type)
        unattended.bind(os.path.join(directory, name))
        if listens:
            unattended.listen(0)
        keep.append(unattended)
    # A backlog of 0 has room for one connection.
    taken = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    taken.connect(os.path.join(directory, "full"))
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
