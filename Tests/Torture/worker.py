"""worker.py LEDGER REGION SETSC SERVER PORT SEED - opens sockets of all kinds, gives them addresses, and binds,
connects, accepts, duplicates, forks, passes and closes them at random until the ledger says that it ends. A line on
stderr says what broke a promise; that the daemon is away does not."""

import errno
import os
import random
import signal
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "System"))

import held  # noqa: E402
import keeper  # noqa: E402
import setsc_client  # noqa: E402
from ledger import Entry, Ledger, new_generation  # noqa: E402

MOST_HELD = 60
AWAY_SECONDS = 0.003
CONNECT_SECONDS = 3
LONGEST_CHILD_SECONDS = 1
TYPES = [1, 2, 2, 2, 3, 4]
# How a new socket is used, as often as it is named.
USES = ["tcp", "tcp", "udp", "udp", "unbound tcp", "unbound udp", "listening", "connected tcp", "connected tcp",
        "connected udp", "raw", "ping", "udp-lite", "mptcp"]
ROUTED_TYPE = 4


class Worker:
    def __init__(self, ledger, region, path, server, seed):
        self.ledger, self.region, self.path, self.server = ledger, region, path, server
        self.dice = random.Random(seed)
        self.held = []
        self.keeper, self.connection = keeper.start(ledger, region + 1, random.Random(self.dice.random()))

    def run(self):
        while not self.ledger.is_ending:
            if self.ledger.is_paused:
                time.sleep(0.005)
                continue
            if len(self.held) < MOST_HELD and self.dice.random() < 0.55:
                self.open_one()
            elif self.held:
                self.treat_one()
        for one in self.held:
            one.close()

    def complain(self, one, what):
        """A promise was broken, unless it is about what only the record file knew when it was damaged."""
        if not self.ledger.records_are_damaged or one.is_bound:
            print(f"{one.address} ({one.kind}, cookie {one.cookie:x}): {what}", file=sys.stderr, flush=True)

    # Opening

    def open_one(self):
        use = self.dice.choice(USES)
        try:
            sock = held.make({"listening": "tcp"}.get(use, use.split()[-1]))
        except OSError as error:
            if error.errno not in (errno.EPROTONOSUPPORT, errno.EACCES):
                raise
            return
        address = self.ask(sock)
        if address is None:
            sock.close()
            return
        one = self.enter(sock, use if use.startswith("unbound") else use.split()[-1], address, has_asked=True)
        if one is not None and self.use(one, use):
            self.held.append(one)

    def ask(self, sock):
        """The address that a socket is given, None if there is no daemon to give one."""
        on_net = self.dice.random() < 0.12
        try:
            address = setsc_client.setsc(self.path, sock, self.dice.choice(TYPES), on_net=on_net)
        except setsc_client.Refused:
            self.ledger.count(self.region, "refused")
            return None
        except TimeoutError:
            print("no answer within ten seconds", file=sys.stderr, flush=True)
            return None
        except OSError:
            self.ledger.count(self.region, "unanswered")
            time.sleep(AWAY_SECONDS)
            return None
        self.ledger.count(self.region, "granted")
        return address

    def enter(self, sock, kind, address, *, is_bound=False, has_asked=False):
        slot = self.ledger.free_slot(self.region)
        if slot is None:
            sock.close()
            return None
        entry = Entry(kind, is_bound, has_asked, os.getpid(), new_generation(), address, held.cookie(sock))
        one = held.Held(self.ledger, slot, entry, sock)
        one.write()
        return one

    def use(self, one, use):
        """Puts a socket to its use; false when that has ended its life."""
        if use.startswith("unbound"):
            self.ledger.count(self.region, use)
            return True
        if not self.bind(one):
            return False
        match use:
            case "listening": self.listen(one)
            case "connected tcp": self.connect(one, use, self.server)
            case "connected udp": self.connect(one, use, self.server)
            case _: self.ledger.count(self.region, use)
        return True

    def bind(self, one):
        try:
            one.sock.bind((one.entry.address, 0))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                self.complain(one.entry, f"bind: {error}")
            one.close()
            return False
        one.write(is_bound=True)
        return True

    def listen(self, one):
        """A listener, and a connection that it has accepted."""
        one.sock.listen()
        one.write(kind="listening")
        self.ledger.count(self.region, "listening")
        client = socket.socket(socket.AF_INET6)
        client.bind(("::1", 0))
        client.settimeout(CONNECT_SECONDS)
        try:
            client.connect(one.sock.getsockname()[:2])
        except OSError as error:
            self.complain(one.entry, f"connecting to it: {error}")
            client.close()
            return
        child, _ = one.sock.accept()
        accepted = self.enter(child, "accepted", one.entry.address, is_bound=True)
        if accepted is None:
            client.close()
            return
        accepted.others.append(client)
        self.held.append(accepted)
        self.ledger.count(self.region, "accepted")

    def connect(self, one, kind, server):
        one.sock.settimeout(CONNECT_SECONDS)
        try:
            one.sock.connect(server)
        except TimeoutError:
            return
        except OSError as error:
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EISCONN):  # EADDRNOTAVAIL: out of ports
                self.complain(one.entry, f"connect: {error}")
            return
        one.write(kind=kind)
        self.ledger.count(self.region, kind)

    # Treating

    def treat_one(self):
        one = self.held.pop(self.dice.randrange(len(self.held)))
        self.ledger.count(self.region, "probes")
        if not held.is_bindable(one.entry.address) and not self.is_routed(one):
            self.complain(one.entry, "it is not there although the socket is open")
        match self.dice.randrange(10):
            case 0 | 1 | 2 | 3: one.close()
            case 4: self.duplicate(one)
            case 5: self.fork(one)
            case 6: self.pass_on(one)
            case 7: self.remember(one)
            case _ if one.entry.kind.startswith("unbound") and self.bind(one):
                one.write(kind=one.entry.kind.split()[-1])
                self.held.append(one)
            case _ if one.entry.is_bound: self.held.append(one)

    def is_routed(self, one):
        """An address that is only routed here can be bound to with IPV6_FREEBIND alone, which a probe has not."""
        return one.entry.address.startswith("2001:db8:b:")

    def duplicate(self, one):
        copy = one.sock.dup()
        one.sock.close()
        one.sock = copy
        self.ledger.count(self.region, "duplicated")
        self.held.append(one)

    def fork(self, one):
        """A child that outlives our copy of the socket, and perhaps us."""
        reading, writing = os.pipe()
        seconds = self.dice.random() * LONGEST_CHILD_SECONDS
        process = os.fork()
        if process == 0:
            self.be_a_child(one, seconds, writing)
        os.close(writing)
        os.read(reading, 1)
        os.close(reading)
        one.let_go()
        self.ledger.count(self.region, "forked")

    def be_a_child(self, one, seconds, writing):
        try:
            one.write(kind="forked", holder=os.getpid())
            os.write(writing, b"!")
            mine = one.sock.fileno()
            os.closerange(3, mine), os.closerange(mine + 1, 4096)
            until = time.monotonic() + seconds
            while not self.ledger.is_ending and (self.ledger.is_paused or time.monotonic() < until):
                time.sleep(0.01)
            self.ledger.clear(one.slot)
        finally:
            os._exit(0)

    def pass_on(self, one):
        keeper.send(self.connection, one)
        one.hand_to(self.keeper)

    def remember(self, one):
        """The daemon knows what it has given to a socket, also when it was another daemon that gave it."""
        self.held.append(one)
        if not one.entry.has_asked:
            return
        try:
            address, _ = setsc_client.getsc(self.path, one.sock)
        except setsc_client.Refused as refused:
            if not self.ledger.records_are_damaged:
                self.complain(one.entry, f"getsc: {refused}")
            return
        except OSError:
            self.ledger.count(self.region, "unanswered")
            return
        if address != one.entry.address and not self.ledger.records_are_damaged:
            self.complain(one.entry, f"getsc says {address}")
        self.ledger.count(self.region, "remembered")


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    file, region, path, *server, seed = sys.argv[1:]
    Worker(Ledger(file), int(region), path, (server[0], int(server[1])), int(seed)).run()
