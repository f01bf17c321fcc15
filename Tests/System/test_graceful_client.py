"""examples/graceful.c: a transfer that goes on over moves of a Graceful-replacement address."""

import os
import subprocess
import threading
import time

import pytest
from daemon import ROOT
from host import wait_until
from roaming import SERVER
from serving import serving
from test_moving import all_types, arrive, network  # noqa: F401 - a fixture

MOVES = 20


@pytest.fixture(scope="session")
def graceful(installed):
    """Built as its user would."""
    output = installed / "graceful"
    environment = os.environ | {"PKG_CONFIG_PATH": str(installed / "lib/pkgconfig")}
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "odm"], env=environment, check=True, text=True,
                           capture_output=True).stdout.split()
    subprocess.run(["cc", "-std=c99", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-o", output,
                    ROOT / "examples/graceful.c", *flags, f"-Wl,-rpath,{installed}/lib"], check=True)
    return output


@pytest.fixture
def collector(network, tmp_path):  # noqa: F811
    """Where it sends to, and the file that comes of it."""
    file = tmp_path / "collected"
    with serving(network.cn, SERVER, "collector.py", file) as (_, port):
        yield port, file


class Feeder(threading.Thread):
    """Says something all the time, no line like another."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream = stream
        self.said = bytearray()
        self.is_ending = False

    def run(self):
        while not self.is_ending:
            line = b"%d %d\n" % (len(self.said), time.monotonic_ns())
            self.stream.write(line)
            self.stream.flush()
            self.said += line
            time.sleep(0.002)
        self.stream.close()


def test_not_an_octet_is_lost_over_twenty_moves(network, configured_host, graceful, collector):  # noqa: F811
    arrive(network)
    host = configured_host(all_types(graceful_replacement="GraceSec=5\nLingerSec=0"))
    network.deliver_links()
    port, collected = collector
    process = host.namespace.start(
        str(graceful), SERVER, str(port), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"ODM_SOCKET": str(host.daemon.setsc_socket)})
    feeder = Feeder(process.stdin)
    feeder.start()
    for move in range(MOVES):
        network.move(outage=0.03)
        wait_until(lambda: process.poll() is not None or
                   host.daemon.log.count("(graceful-replacement) is deprecated, replaced by") > move,
                   "the address is replaced")
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.2)
    feeder.is_ending = True
    feeder.join()
    said = process.stdout.read().decode()
    assert process.wait(10) == 0, process.stderr.read()
    assert collected.read_bytes() == bytes(feeder.said)
    assert said == f"{len(feeder.said)} octets by {MOVES + 1} connections\n"
    for stream in (process.stdout, process.stderr):
        stream.close()


def test_usage(graceful):
    done = subprocess.run([graceful], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (64, "usage: graceful SERVER PORT, with the server's IPv6 address\n")


def test_without_a_daemon(graceful):
    done = subprocess.run([graceful, "::1", "9"], capture_output=True, text=True,
                          env=os.environ | {"ODM_SOCKET": "/nonexistent"})
    assert done.returncode == 1
    assert done.stderr.startswith("graceful: setsc: ")
