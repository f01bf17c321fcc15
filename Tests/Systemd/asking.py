"""A program that asks for addresses while something happens to the daemon."""

import subprocess
import sys
import threading
from pathlib import Path

from container import SETSC_SOCKET, wait_until


class Asking:
    """ask_on_and_on.py, and what became of each request: "answered", "told" that the daemon ended, or worse."""

    def __init__(self):
        program = Path(__file__).with_name("ask_on_and_on.py")
        self.process = subprocess.Popen([sys.executable, program, SETSC_SOCKET], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.outcomes = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.outcomes.append(line.strip())

    def wait_for_answers(self, count):
        before = self.outcomes.count("answered")
        wait_until(lambda: self.outcomes.count("answered") >= before + count, "requests are answered")

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self._reader.join()
