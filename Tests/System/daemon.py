"""odmd as the tests run it: in a namespace, with directories of its own and a log for when a test fails."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time
from pathlib import Path

from namespaces import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
RELEASE = Path(os.environ.get("ODM_BUILD", ROOT / ".build/release"))
START_SECONDS = 10


class Daemon:
    """One place in the file system where a daemon runs, stops and runs again."""

    def __init__(self, namespace, configuration=""):
        self.namespace = namespace
        # Short, because a Unix socket's path has at most 107 octets; open to all for other users.
        self.directory = Path(tempfile.mkdtemp(prefix="odm-test-", dir="/tmp"))
        self.directory.chmod(0o755)
        self.configuration_file = self.directory / "odmd.conf"
        self.runtime_directory = self.directory / "run"
        self.state_directory = self.directory / "state"
        self.setsc_socket = self.directory / "odm" / "setsc"
        self.admin_socket = self.directory / "odm" / "admin"
        self.log_file = self.directory / "log"
        self.notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notifications.bind(str(self.directory / "notify"))
        self.process = None
        # What the program is started by, as a limit or a file system of its own.
        self.wrapper = []
        # What it gets besides.
        self.options = []
        self.configure(configuration)

    def configure(self, text):
        self.configuration_file.write_text(text)

    @property
    def log(self):
        return self.log_file.read_text() if self.log_file.exists() else ""

    @property
    def command(self):
        return [str(RELEASE / "odmd"), "--config", str(self.configuration_file),
                "--runtime-directory", str(self.runtime_directory),
                "--state-directory", str(self.state_directory),
                "--socket-directory", str(self.setsc_socket.parent), *self.options]

    # Running

    def launch(self, **environment):
        """Starts it without waiting until it is ready."""
        self.has_notice()  # of one that was killed
        with self.log_file.open("a") as log, self.namespace:
            self.process = subprocess.Popen(
                [*self.wrapper, *self.command], stdout=log, stderr=log, preexec_fn=die_with_parent,
                env=os.environ | {"NOTIFY_SOCKET": str(self.directory / "notify")} | environment)

    def start(self, **environment):
        self.launch(**environment)
        self.wait_for_notice("READY=1")
        return self

    def wait_for_notice(self, wanted, seconds=START_SECONDS):
        """Waits for an sd_notify(3) message with this line and returns its lines."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.notifications.settimeout(0.05)
            try:
                lines = self.notifications.recv(4096).decode().splitlines()
            except TimeoutError:
                status = self.process.poll()
                assert status is None, f"odmd ended with {status}:\n{self.log}"
                continue
            if wanted in lines:
                return lines
        raise AssertionError(f"odmd did not send {wanted}:\n{self.log}")

    def has_notice(self, wanted=None):
        """Reads the messages that are there; true if one of them has this line."""
        lines = []
        self.notifications.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                lines += self.notifications.recv(4096).decode().splitlines()
        return wanted in lines

    def stop(self):
        """An orderly stop; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(START_SECONDS)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def restart(self):
        self.stop()
        self.start()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)
        self.wait_for_notice("READY=1")

    def close(self):
        """Ends it and forgets its directories. A daemon that crashed before fails the test here."""
        try:
            if self.process is not None:
                status = self.process.poll()
                assert status is None or status in (0, -signal.SIGKILL), f"odmd ended with {status}"
                assert status is not None or self.stop() == 0, "odmd did not stop well"
        finally:
            if self.process is not None and self.process.poll() is None:
                self.kill()
            self.notifications.close()
            shutil.rmtree(self.directory, ignore_errors=True)

    # Watching

    @property
    def resident_kilobytes(self):
        """All that is mapped to memory, what the kernel has cached of the program's file included."""
        return self._kilobytes("VmRSS")

    @property
    def own_kilobytes(self):
        """What the daemon has written: this grows with what it keeps, and not with what it runs."""
        return self._kilobytes("RssAnon")

    def _kilobytes(self, name):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        raise AssertionError(f"no {name}")

    @property
    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    @property
    def processor_ticks(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    # Administration

    def odmctl_command(self, *arguments):
        return [str(RELEASE / "odmctl"), "--socket", str(self.admin_socket), *map(str, arguments)]

    def odmctl(self, *arguments, user=None):
        """Runs odmctl and returns its CompletedProcess, whatever its exit status."""
        command = self.odmctl_command(*arguments)
        if user is not None:
            command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command]
        with self.namespace:
            return subprocess.run(command, text=True, capture_output=True, timeout=30)

    def odmctl_on_a_terminal(self, *arguments, columns=80, **environment):
        """What odmctl writes on a terminal that is so wide, and has no colours unless the environment says so."""
        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
        subprocess.run(self.odmctl_command(*arguments), stdout=theirs, check=True, timeout=30,
                       env=os.environ | {"TERM": "dumb"} | environment)
        text = os.read(ours, 65536).decode()
        os.close(ours), os.close(theirs)
        return text.replace("\r\n", "\n")

    def administer(self, *arguments):
        """Runs odmctl with --json and returns what it says; it must succeed."""
        done = self.odmctl(*arguments, "--json")
        assert done.returncode == 0, f"odmctl {arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout)
