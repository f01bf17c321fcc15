"""A thousand sockets in ten processes, treated at random. While one is open its address is there; afterwards
nothing is left."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from host import configuration, wait_until

PROCESSES = 10
SOCKETS_OF_EACH = 100
SEED = int(os.environ.get("ODM_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)


@pytest.mark.parametrize("share", ["host", "user", "socket"])
def test_a_thousand_sockets(configured_host, server, share):
    print(f"ODM_SEED={SEED}")
    policy = f"Share={share}\nLingerSec=0"
    host = configured_host(configuration(session_lasting=policy, non_persistent=policy, fixed=policy))
    dice = random.Random(SEED)
    workers = [host.namespace.start(
        sys.executable, str(Path(__file__).parent / "churn_worker.py"), str(host.daemon.setsc_socket),
        server[0], str(server[1]), str(SOCKETS_OF_EACH), str(dice.getrandbits(31)),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(PROCESSES)]
    killed = set(dice.sample(workers, 3))
    for worker in killed:
        time.sleep(dice.random() / 4)
        worker.send_signal(signal.SIGKILL)
    for worker in workers:
        said, _ = worker.communicate(timeout=60)
        assert worker in killed or worker.returncode == 0, said
    host.assert_nothing_left()
    assert host.daemon.administer("status")["requests_granted"] > PROCESSES * SOCKETS_OF_EACH // 2
    assert host.daemon.stop() == 0 and not host.addresses


def test_a_daemon_that_is_killed_all_the_time(configured_host, server):
    """The same with a daemon that dies again and again: no socket that is bound loses its address."""
    print(f"ODM_SEED={SEED}")
    host = configured_host(configuration(session_lasting="LingerSec=1", fixed="LingerSec=1"))
    workers = [host.namespace.start(
        sys.executable, str(Path(__file__).parent / "churn_worker.py"), str(host.daemon.setsc_socket),
        server[0], str(server[1]), "100", str(seed),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ | {"CHURN_TOLERATES_ABSENCE": "1"}) for seed in range(4)]
    while any(worker.poll() is None for worker in workers):
        time.sleep(0.1)
        host.daemon.kill()
        host.daemon.start()
    for worker in workers:
        said, _ = worker.communicate(timeout=60)
        assert worker.returncode == 0, said
    wait_until(lambda: not host.addresses, "nothing is left", 10)
    host.assert_nothing_left()
