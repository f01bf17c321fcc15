"""A run: rounds of a daemon that starts, works for a moment, and ends in one way or another."""

import ipaddress
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from comparison import SETTLING_SECONDS, Comparison
from daemon import Daemon
from ledger import Ledger
from network import PREFIX, SERVER, Network
from report import Report

HERE = Path(__file__).parent
ROUTED = ipaddress.IPv6Network("2001:db8:b::/56")
CONFIGURATION = f"""
[Type fixed]
LingerSec=1
[Type session-lasting]
LingerSec=0
[Type non-persistent]
Share=socket
LingerSec=0
[Type graceful-replacement]
Share=socket
LingerSec=0
[Source home]
Kind=static
Types=fixed session-lasting non-persistent
Prefix={PREFIX}
Interface=up0
[Source routed]
Kind=static
Types=graceful-replacement
Prefix={ROUTED}
Interface=up0
Place=route
"""
LONGEST_LIFE_SECONDS = 0.1
LONGEST_RECOVERY_SECONDS = 0.01
ROUNDS_TILL_REST = 40
ROUNDS_TILL_WORKER_KILL = 8
MOST_FAULTS = 10
STOPS = 5
DAMAGES = 8
END_SECONDS = 10
HEADER_OCTETS = 64  # of the record file; what follows is zero where no socket is remembered


class Run:
    def __init__(self, directory, seed, workers):
        self.dice = random.Random(seed)
        self.report = Report(seed)
        self.network = Network()
        self.network.r.ip(f"route add {ROUTED} via fe80::2 dev mn0")
        self.network.mn.set_sysctl("net/ipv4/ping_group_range", "0 0")
        self.daemon = Daemon(self.network.mn, CONFIGURATION)
        self.ledger = Ledger(directory / "ledger", regions=2 * workers)
        self.comparison = Comparison(self.network.mn, self.ledger, ROUTED)
        self.complaints = open(directory / "complaints", "a+")
        self.server = self._start_server()
        self.daemon.start()
        self.is_ready = True
        self.workers = [self._start_worker(index) for index in range(workers)]

    def close(self):
        self.ledger.is_ending = True
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.server.kill()
        self.server.wait()
        if self.daemon.process.poll() is None:
            self.daemon.kill()
        self.daemon.process = None
        self.daemon.close()
        self.comparison.close(), self.complaints.close(), self.network.close()

    @property
    def log(self):
        return self.daemon.log

    @property
    def is_hopeless(self):
        return len(self.report.lost) + len(self.report.leaked) + len(self.report.broken) >= MOST_FAULTS

    # Who uses the daemon

    def _start_server(self):
        with self.network.cn:
            listener = socket.create_server((SERVER, 0), family=socket.AF_INET6, backlog=1024)
        self.server_address = listener.getsockname()[:2]
        script = HERE.parent / "System" / "peer_server.py"
        with listener:
            return self.network.cn.start(sys.executable, str(script), str(listener.fileno()),
                                         pass_fds=[listener.fileno()])

    def _start_worker(self, index):
        return self.network.mn.start(
            sys.executable, str(HERE / "worker.py"), str(self._ledger_path), str(2 * index),
            str(self.daemon.setsc_socket), *map(str, self.server_address), str(self.dice.getrandbits(31)),
            stderr=self.complaints)

    @property
    def _ledger_path(self):
        return Path(self.complaints.name).parent / "ledger"

    def kill_a_worker(self):
        """A program dies with all its sockets; those that its child and its keeper hold live on."""
        index = self.dice.randrange(len(self.workers))
        worker = self.workers[index]
        worker.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, worker.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        self.ledger.forget_process(worker.pid)
        worker.kill()
        worker.wait()
        self.workers[index] = self._start_worker(index)
        self.report.worker_kills += 1

    # Rounds

    def kill_at_random(self, kills, seconds):
        until = time.monotonic() + (seconds or 0)
        while not self.is_hopeless and (self.report.kills < kills if kills else time.monotonic() < until):
            self.live_for(self.dice.choice([0, LONGEST_RECOVERY_SECONDS, *[LONGEST_LIFE_SECONDS] * 4]))
            self.kill()
            self.start()
            if self.report.rounds % ROUNDS_TILL_WORKER_KILL == 0:
                self.kill_a_worker()
            if self.report.rounds % ROUNDS_TILL_REST == 0:
                self.rest()

    def stop_and_start(self):
        """An orderly stop and, later, a start: an upgrade."""
        self.rest()
        for _ in range(STOPS):
            if self.is_hopeless:
                return
            self.live_for(LONGEST_LIFE_SECONDS)
            self.wait_until_ready()
            status = self.daemon.stop()
            if status != 0:
                self.report.broken.append(f"the daemon stopped with status {status}")
            self.report.stops += 1
            self.compare()
            time.sleep(self.dice.random() * 2 * LONGEST_LIFE_SECONDS)
            self.start()
        self.rest()

    def damage_records(self):
        """What is bound keeps its address although the record file says nothing, or nonsense."""
        self.ledger.records_are_damaged = True
        time.sleep(0.05)
        for _ in range(DAMAGES):
            if self.is_hopeless:
                return
            self.live_for(LONGEST_LIFE_SECONDS)
            self.kill()
            self._damage(self.daemon.runtime_directory / "sockets")
            self.start()
            self.wait_until_ready()
            self.compare()

    def _damage(self, file):
        if not file.exists():
            return
        size = file.stat().st_size
        match self.report.damaged_files % 5:
            case 0: file.unlink()
            case 1: file.write_bytes(b"")
            case 2: os.truncate(file, self.dice.randrange(size + 1))
            case 3: file.write_bytes(self.dice.randbytes(size))
            case 4: file.write_bytes(b"\xff" * size)
        self.report.damaged_files += 1

    def start(self):
        self.daemon.launch()
        self.is_ready = False
        self.report.rounds += 1

    def live_for(self, most_seconds):
        """Lets the daemon live for some time, counted from its launch for a short one and from READY for others."""
        seconds = self.dice.random() * most_seconds
        if most_seconds > LONGEST_RECOVERY_SECONDS:
            self.wait_until_ready()
            self.compare()
        time.sleep(seconds)

    def wait_until_ready(self):
        if self.is_ready:
            return
        try:
            self.daemon.wait_for_notice("READY=1")
        except AssertionError as error:
            self.report.broken.append(str(error))
        self.is_ready = True

    def kill(self):
        if self.daemon.process.poll() is not None:
            self.report.broken.append(f"the daemon ended with status {self.daemon.process.returncode}")
        if not self.is_ready and not self.daemon.has_notice("READY=1"):
            self.report.kills_during_recovery += 1
        self.daemon.kill()
        self.report.kills += 1
        self.compare()

    def compare(self):
        self.report.lost += self.comparison.lost()
        self.hear_complaints()

    def hear_complaints(self):
        self.report.broken += [line.strip() for line in self.complaints.readlines()]

    def rest(self):
        """Everybody stands still until what nobody uses has gone, and what is used is still there."""
        self.wait_until_ready()
        self.ledger.is_paused = True
        self.report.leaked += self.comparison.leaked()
        self.compare()
        self.ledger.is_paused = False
        self.report.settled += 1

    # The end

    def end(self):
        """Everything is closed, and nothing may be left."""
        self.wait_until_ready()
        self.ledger.is_ending = True
        for worker in self.workers:
            try:
                worker.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self.report.broken.append(f"worker {worker.pid} does not end")
                worker.kill()
        self.hear_complaints()
        self.report.leaked += self.comparison.leaked()
        self.report.settled += 1
        self.look_into_the_books()
        if self.daemon.stop() != 0:
            self.report.broken.append("the last daemon did not stop well")
        self.report.leaked += self.comparison.leaked()

    def look_into_the_books(self):
        deadline = time.monotonic() + SETTLING_SECONDS
        while (books := self._books()) != ([], []) and time.monotonic() < deadline:
            time.sleep(0.1)
        sockets, addresses = books
        self.report.leaked += [f"the daemon still has {row}" for row in sockets + addresses]
        if any((self.daemon.runtime_directory / "sockets").read_bytes()[HEADER_OCTETS:]):
            self.report.leaked.append("records are left in the file")

    def _books(self):
        return (self.daemon.administer("sockets")["sockets"], self.daemon.administer("addresses")["addresses"])
