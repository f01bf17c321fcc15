"""exerciser.py [MODULE...] - runs CPython's own tests of its network modules with and without the preloaded library,
and compares them test by test. Prints each that ends in another way, and fails if there is one. `make test` leaves it
out, as it takes minutes."""

import collections
import concurrent.futures
import contextlib
import ipaddress
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "System")]

import cpython  # noqa: E402
from host import Host, configuration  # noqa: E402
from network import LEGACY_ADDRESS, PREFIX, Network  # noqa: E402
from unaware import source_server  # noqa: E402

#: Many of the tests wait most of the time.
SIDE_BY_SIDE = 4
MODULE_SECONDS = 240
#: In so many a test that ends in one of two ways at random has ended in the same way with and without the library.
ROUNDS = 5
TYPE = "session-lasting"

# Names of its own: $1 is its hosts(5).
WITH_NAMES = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'
SAY_SOURCE = "import socket, sys; print(socket.create_connection(sys.argv[1:3]).makefile().readline().strip())"


class Exerciser:
    """A host with a daemon, on which the modules are run."""

    def __init__(self, directory):
        self._open = contextlib.ExitStack()
        network = self._open.enter_context(contextlib.closing(Network()))
        self.host = self._open.enter_context(contextlib.closing(Host(network)))
        self.host.daemon.configure(configuration())
        self.host.daemon.start()
        self.server = self._open.enter_context(source_server(network.cn))
        self.directory = directory
        cpython.translate(directory, LEGACY_ADDRESS)
        self.names = cpython.names_file(directory / "hosts", LEGACY_ADDRESS)
        self._starting = threading.Lock()  # a namespace is entered by one thread at a time

    def close(self):
        self._open.close()

    @property
    def granted(self):
        """How many addresses the daemon has given since its start."""
        return self.host.daemon.administer("status")["requests_granted"]

    def check_the_library(self):
        """That it is loaded, and asks."""
        command = [cpython.PYTHON, "-c", SAY_SOURCE, *map(str, self.server)]
        sources = [self.host.namespace.run(*run, *command, env=self.environment(False)).strip()
                   for run in ([], self.run_command)]
        assert sources[0] == LEGACY_ADDRESS, f"without the library the source is {sources[0]}"
        assert ipaddress.ip_address(sources[1]) in PREFIX, f"with the library the source is {sources[1]}"

    @property
    def run_command(self):
        return self.host.daemon.odmctl_command("run", "--type", TYPE, "--strict", "--")

    def environment(self, is_global):
        """No name server answers here: who asks for one all the same shall soon know."""
        more = {"PYTHONPATH": str(self.directory)} if is_global else {}
        return os.environ | {"ODM_SOCKET": str(self.host.daemon.setsc_socket), "PYTHONDONTWRITEBYTECODE": "1",
                             "LC_ALL": "C.UTF-8", "RES_OPTIONS": "timeout:1 attempts:1"} | more

    def run(self, modules, is_global, is_given):
        """The outcomes of all tests of these modules, by their names."""
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            outcomes = pool.map(lambda module: self._run_module(module, is_global, is_given), modules)
            return dict(collections.ChainMap(*outcomes))

    def _run_module(self, module, is_global, is_given):
        command = [cpython.PYTHON, str(HERE / "exercised.py"), module]
        if is_given:
            command = [*self.run_command, *command]
        if is_global:
            command = ["unshare", "--mount", "sh", "-c", WITH_NAMES, "sh", str(self.names), *command, "as-ipv6"]
        work = Path(tempfile.mkdtemp(dir=self.directory))
        errors = work.with_suffix(".errors").open("w")
        with self._starting:
            process = self.host.namespace.start(
                *command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, cwd=work, text=True,
                env=self.environment(is_global), start_new_session=True)
        with errors, process:
            return dict([*self._outcomes_of(process), (module, f"ended with {process.wait()}")])

    def _outcomes_of(self, process):
        """Lines as they come; a module that does not end is ended, and what it has said counts."""
        timer = threading.Timer(MODULE_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        yield from (json.loads(line) for line in process.stdout)
        timer.cancel()


def different(without, given):
    return {name: (without.get(name, "not run"), given.get(name, "not run"))
            for name in sorted(without.keys() | given.keys()) if without.get(name) != given.get(name)}


def module_of(test, modules):
    """Also of a class or a module that could not be set up, whose name is in parentheses."""
    name = test.split("(")[-1]
    return next(module for module in modules if re.match(rf"(test\.)?{re.escape(module)}(\W|$)", name))


def compare(exerciser, modules, is_global):
    """The tests that end in another way with the library, twice."""
    before, began = exerciser.granted, time.monotonic()
    without = exerciser.run(modules, is_global, is_given=False)
    asked_without = exerciser.granted - before
    given = exerciser.run(modules, is_global, is_given=True)
    asked = exerciser.granted - before
    print(f"{'over a global address' if is_global else 'as they are'}: {len(given) - len(modules)} tests; "
          f"{tally(given)}; {asked} addresses given ({time.monotonic() - began:.0f} s)", flush=True)
    assert asked_without == 0, "without the library addresses were asked for"
    assert is_global or all(without[each] == "ended with 0" for each in modules), "a module ended before its time"
    assert bool(asked) == is_global, "the library asks for global destinations, and for no others"
    return insist(exerciser, modules, is_global, different(without, given))


def insist(exerciser, modules, is_global, found):
    """Of tests that ended differently those that have not once ended alike, however often they are run: some end now in
    one way, now in another, with and without the library."""
    seen = {name: ({without}, {given}) for name, (without, given) in found.items()}
    for _ in range(ROUNDS):
        apart = [name for name, (without, given) in seen.items() if not without & given]
        again = sorted({module_of(name, modules) for name in apart})
        if not again:
            break
        print(f"    {len(apart)} different; once more: {' '.join(again)}", flush=True)
        for way, outcomes in enumerate(exerciser.run(again, is_global, is_given) for is_given in (False, True)):
            for name in apart:
                seen[name][way].add(outcomes.get(name, "not run"))
    return {name: tuple(" or ".join(sorted(way)) for way in ways) for name, ways in seen.items()
            if not ways[0] & ways[1]}


def tally(outcomes):
    words = collections.Counter(outcome.split(" ")[0] for outcome in outcomes.values())
    return ", ".join(f"{count} {word}" for word, count in sorted(words.items()) if word != "ended")


def main():
    modules = sys.argv[1:] or cpython.MODULES
    if unknown := set(modules) - set(cpython.MODULES):
        sys.exit(f"exerciser.py: not one of its modules: {' '.join(sorted(unknown))}")
    directory = Path(tempfile.mkdtemp(prefix="odm-exerciser-", dir="/tmp"))
    try:
        with contextlib.closing(Exerciser(directory)) as exerciser:
            exerciser.check_the_library()
            found = compare(exerciser, modules, is_global=False)
            modules = [module for module in modules if module not in cpython.NOT_AS_IPV6]
            found |= compare(exerciser, modules, is_global=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    for name, (without, given) in found.items():
        print(f"{name}: {without} without the library, {given} with it")
    print(f"CPython's network tests: {len(found)} end in another way with the library")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
