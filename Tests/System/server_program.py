"""A server of the network's as the tests run it: a program in a namespace, with a directory of its own and a log."""

import contextlib
import os
import shutil
import signal
import subprocess
import time

START_SECONDS = 10
SEARCH_PATH = f"{os.environ['PATH']}:/usr/local/sbin:/usr/sbin:/sbin"


class ServerProgram:
    """One place in the file system where a server runs, stops and runs again."""

    #: Its name, and what its log says once it hears questions.
    program = None
    ready = None

    def __init__(self, namespace, directory):
        self.namespace = namespace
        self.directory = directory
        self.directory.mkdir()
        # A copy: AppArmor holds the program in /usr/sbin to the files of the machine's own server.
        self.executable = self.directory / self.program
        shutil.copy(shutil.which(self.program, path=SEARCH_PATH), self.executable)
        self.log_file = self.directory / "log"
        self.process = None

    @property
    def arguments(self):
        """What the program is called with."""
        raise NotImplementedError

    @property
    def environment(self):
        return {}

    @property
    def log(self):
        return self.log_file.read_text() if self.log_file.exists() else ""

    def start(self):
        began = len(self.log)
        with self.log_file.open("a") as log:
            self.process = self.namespace.start(str(self.executable), *self.arguments, stdout=log, stderr=log,
                                                stdin=subprocess.DEVNULL, env=os.environ | self.environment)
        self.wait_for(self.ready, began)
        return self

    def wait_for(self, text, began=0):
        """Waits until the log, from an offset on, has this in it."""
        deadline = time.monotonic() + START_SECONDS
        while text not in self.log[began:]:
            status = self.process.poll()
            assert status is None, f"{self.program} ended with {status}:\n{self.log}"
            assert time.monotonic() < deadline, f"{self.program} did not say “{text}”:\n{self.log}"
            time.sleep(0.005)

    def stop(self):
        """An orderly stop, in which a server may still say farewell."""
        self.process.terminate()
        self.process.wait(START_SECONDS)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            self.kill()
