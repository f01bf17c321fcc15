"""A reload disturbs nobody: neither those who ask meanwhile, nor what there is."""

import contextlib
import itertools

from host import configuration, wait_until
from setsc_client import FIXED, NON_PERSISTENT, SESSION_LASTING
from setsc_load import Asker

REQUESTS = 10_000
RELOADS = 100
PROCESSES = 2
LONGEST_WAIT = 20_000
#: A busy machine can stall anybody for a moment; the best of so many runs counts.
RUNS = 3
GUEST = "[Source guest]\nKind=static\nTypes=graceful-replacement\nPrefix=2001:db8:b::/64\n"
GOOD = [
    configuration(),
    configuration(daemon="LogLevel=warning\nRequestTimeoutSec=5\nDefaultType=fixed", source="MaxAddresses=900",
                  non_persistent="LingerSec=7\nMaxAgeSec=1h\nMaxBytes=1G", fixed="Acquire=boot")
    + GUEST + "[Rule few]\nTypes=non-persistent\nUser=nobody\nMaxSockets=3\n[Rule deny]\nUser=4001\nAction=deny\n",
]
BAD = [configuration(daemon="RequestTimeoutSec=soon"), "[Source home]\nKind=static\n", "nonsense\n", ""]
#: An empty file would be a good configuration, and another one.
BAD.remove("")


def configurations():
    """Two good ones in turn, and now and then a bad one between them."""
    bad = itertools.cycle(BAD)
    for count, good in enumerate(itertools.cycle(GOOD)):
        if count % 5 == 4:
            yield next(bad)
        yield good


def reload_under_load(host, program, texts):
    """The longest wait of a request while the daemon was reloading; none failed."""
    askers = []
    with contextlib.ExitStack() as stack:
        for _ in range(PROCESSES):
            askers.append(stack.enter_context(Asker(host, program, REQUESTS // PROCESSES, made=100)))
        for _ in range(RELOADS):
            host.daemon.configure(next(texts))
            host.daemon.reload()
        for asker in askers:
            asker.wait_until_enough()
        waits = [asker.finish() for asker in askers]
    print(waits)
    assert sum(wait.count for wait in waits) >= REQUESTS
    return max(wait.longest for wait in waits)




def test_reloads_disturb_nobody(host, load_program):
    kept = [host.socket_with_address(type, on_net=on_net)
            for type in (SESSION_LASTING, NON_PERSISTENT, FIXED) for on_net in (False, True)]
    texts = configurations()
    before = host.addresses
    rules = host.rules
    with contextlib.ExitStack() as stack:
        watches = [stack.enter_context(host.watch(sock)) for sock, _ in kept]
        longest = LONGEST_WAIT + 1
        for _ in range(RUNS):
            longest = min(longest, reload_under_load(host, load_program, texts))
            wait_until(lambda: host.addresses == before, "what was there is there, and nothing else")
            if longest <= LONGEST_WAIT:
                break
        assert longest <= LONGEST_WAIT, f"{longest} µs"
        assert all(watch.is_quiet(0) for watch in watches), "nobody is told of anything"
    assert host.rules == rules
    assert [row["name"] for row in host.daemon.administer("sources")["sources"]][0] == "home"
    for sock, address in kept:
        assert sock.getsockname()[0] == address
        assert host.getsc(sock)[0] == address
    assert len(host.daemon.administer("sockets")["sockets"]) == len(kept)
    assert host.daemon.administer("status")["requests_refused"] == 0
