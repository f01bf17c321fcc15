"""`make install` as an administrator runs it."""

import subprocess

from daemon import ROOT


def make(target, **variables):
    words = [f"{name}={value}" for name, value in variables.items()]
    done = subprocess.run(["make", "-s", "-C", ROOT, target, *words], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
