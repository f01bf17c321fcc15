"""`odmctl --watch`: on a page of the terminal, or one look after the other."""

import contextlib
import json
import os
import select
import signal
import subprocess
import time

import pytest
from host import A_WHILE, finish, wait_until

EX_UNAVAILABLE = 69
CLEAR, HOME = "\x1b[2J", "\x1b[H"


class Terminal:
    """What a program draws on a terminal of 80 columns."""

    def __init__(self, command, **environment):
        self._ours, theirs = os.openpty()
        self.process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE,
                                        env=os.environ | {"COLUMNS": "80", "LINES": "24", "NO_COLOR": "1",
                                                          "TERM": "xterm"} | environment)
        os.close(theirs)
        self.text = ""

    def read(self, seconds):
        """What comes within this time."""
        text = ""
        with contextlib.suppress(OSError):  # EIO: the program has ended
            while select.select([self._ours], [], [], seconds)[0]:
                text += os.read(self._ours, 65536).decode()
        self.text += text
        return text

    @property
    def page(self):
        """What was drawn last."""
        return self.text.rsplit(HOME, 1)[-1]

    def read_until(self, condition, what):
        def is_so():
            self.read(0.05)
            return condition()
        wait_until(is_so, what)

    def wait_for(self, words):
        """The page that has the words."""
        self.read_until(lambda: words in self.page, f"{words} is shown")
        return self.page

    def close(self):
        finish(self.process)
        os.close(self._ours)


@pytest.fixture
def terminal(host):
    """Call it to have odmctl run on a terminal; it ends with the test."""
    with contextlib.ExitStack() as stack:
        def start(*arguments, **environment):
            terminal = Terminal(host.daemon.odmctl_command(*arguments), **environment)
            stack.callback(terminal.close)
            return terminal
        yield start


@pytest.fixture
def watch(host):
    """Call it to have odmctl run with its output in a pipe; it ends with the test."""
    with contextlib.ExitStack() as stack:
        def start(*arguments):
            process = subprocess.Popen(host.daemon.odmctl_command(*arguments, "--watch", "--interval", "0.1"),
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            stack.callback(finish, process)
            return process
        yield start


def test_a_page_is_drawn_when_something_changes(host, terminal):
    page = terminal("addresses", "--watch", "-n", "0.1")
    page.wait_for("There are no addresses.")
    assert page.text.startswith(HOME + CLEAR)
    address = host.daemon.administer("acquire", "fixed")["address"]
    assert page.wait_for(address).startswith("ADDRESS")
    page.read(A_WHILE)
    assert page.read(A_WHILE) == "", "nothing has changed"
    host.daemon.administer("release", address)
    page.wait_for("There are no addresses.")
    assert page.text.count(CLEAR) == 1
    page.process.send_signal(signal.SIGINT)
    assert page.process.wait(5) == 0
    page.read(0.05)
    assert page.text.endswith("\x1b[J\x1b[m\r\n"), "the shell goes on in a line of its own"


def test_a_page_says_when_the_daemon_is_away(host, terminal):
    page = terminal("sources", "-w", "-n", "0.1")
    page.wait_for("home")
    host.daemon.stop()
    assert "home" not in page.wait_for("odmctl: trying again")
    host.daemon.start()
    page.wait_for("home")


def test_a_simple_terminal_gets_blocks(terminal):
    page = terminal("sources", "--watch", "-n", "0.1", TERM="dumb")
    page.read_until(lambda: page.text.count("\r\n\r\n") >= 2, "two looks")
    assert "\x1b" not in page.text


def test_blocks_in_a_pipe(watch):
    process = watch("sources")
    blocks = []
    for _ in range(3):
        blocks.append([process.stdout.readline() for _ in range(3)])
    assert blocks[0][1].startswith("home") and blocks[0][2] == "\n"
    assert blocks == [blocks[0]] * 3


@pytest.mark.parametrize("command", ["status", "addresses", "sockets", "sources"])
def test_objects_in_a_pipe(watch, command):
    process = watch(command, "--json")
    for _ in range(3):
        looked = json.loads(process.stdout.readline())
        assert "uptime_seconds" in looked if command == "status" else list(looked) == [command]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=5)
    assert process.returncode == 0


def test_the_interval_is_kept(watch):
    process = watch("status", "--json")
    process.stdout.readline()
    began = time.monotonic()
    for _ in range(5):
        process.stdout.readline()
    assert 0.4 < time.monotonic() - began < 3


def test_a_watch_ends_with_its_reader(watch):
    process = watch("status", "--interval", "60")
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(5) == 0
    assert process.stderr.read() == ""


def test_a_watch_goes_on_after_a_restart(host, watch):
    process = watch("status", "--json")
    first = json.loads(process.stdout.readline())["pid"]
    host.daemon.stop()
    time.sleep(A_WHILE)
    host.daemon.start()
    while json.loads(process.stdout.readline())["pid"] == first:
        pass
    process.send_signal(signal.SIGINT)
    complaints = process.communicate(timeout=5)[1]
    assert "odmctl: odmd is not running" in complaints and "odmctl: trying again\n" in complaints
    assert complaints.count("trying again\n") <= 3, "each trouble is told once"


def test_a_watch_of_nothing_fails(host, watch):
    host.daemon.stop()
    process = watch("status")
    assert "odmd is not running" in process.communicate(timeout=5)[1]
    assert process.returncode == EX_UNAVAILABLE
