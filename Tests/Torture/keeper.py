"""The process beside each worker that is passed sockets over a Unix socket and keeps them for a while. It outlives a
worker that is killed: then the one that asked is gone and its socket is not."""

import os
import socket
import struct
import time
from dataclasses import replace

import held
from ledger import new_generation

MOST_KEPT = 60
LONGEST_SECONDS = 2
_SLOT = struct.Struct("=iQ")


def send(connection, one):
    """Passes a socket on; it is in nobody's hands until the keeper takes it."""
    socket.send_fds(connection, [_SLOT.pack(one.slot, one.entry.generation)], [one.sock.fileno()])


class Keeper:
    def __init__(self, ledger, region, connection, dice):
        self.ledger, self.region, self.connection, self.dice = ledger, region, connection, dice
        self.kept = []  # (when to close, Held)
        self.has_worker = True
        connection.setblocking(False)

    def run(self):
        while not self.ledger.is_ending and (self.has_worker or self.kept):
            self.receive()
            if not self.ledger.is_paused:
                self.close_what_is_due()
            time.sleep(0.003)
        for _, one in self.kept:
            one.close()

    def receive(self):
        # At rest nothing is left on its way: every socket that is in no process would be in doubt until it arrives.
        while self.has_worker and (self.ledger.is_paused or len(self.kept) < MOST_KEPT):
            try:
                octets, descriptors, _, _ = socket.recv_fds(self.connection, _SLOT.size, 1)
            except BlockingIOError:
                return
            except OSError:
                octets = b""
            if not octets:
                self.has_worker = False
                return
            self.take(*_SLOT.unpack(octets), socket.socket(fileno=descriptors[0]))

    def take(self, slot, generation, sock):
        """The socket's entry moves from the worker's region to ours."""
        entry = self.ledger.read(slot)
        own = self.ledger.free_slot(self.region)
        if entry is None or entry.generation != generation:
            # The worker was killed in between, and what was known of the socket is gone.
            sock.close()
            return
        if own is None:
            self.ledger.clear(slot)
            sock.close()
            return
        one = held.adopt(self.ledger, own, replace(entry, kind="passed", generation=new_generation()), sock)
        self.ledger.clear(slot)
        self.ledger.count(self.region, "passed")
        self.kept.append((time.monotonic() + self.dice.random() * LONGEST_SECONDS, one))

    def close_what_is_due(self):
        now = time.monotonic()
        for due in [item for item in self.kept if item[0] <= now]:
            self.kept.remove(due)
            due[1].close()


def start(ledger, region, dice):
    """Forks the keeper; returns its process and the connection to it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = os.fork()
    if process == 0:
        ours.close()
        try:
            Keeper(ledger, region, theirs, dice).run()
        finally:
            os._exit(0)
    theirs.close()
    return process, ours
