"""The daemon's numbers, as another project's reader of OpenMetrics has them, and the level of its log."""

import os
import socket
import time

import pytest
from host import configuration, configuration_with, wait_until
from openmetrics import Numbers, labels
from setsc_client import FIXED, GRACEFUL_REPLACEMENT, SESSION_LASTING, Refused, exchange, request
from test_helper_source import Pool, source

NOBODY = 65534
EX_USAGE, EX_NOPERM = 64, 77
TYPES = ("fixed", "session-lasting", "non-persistent", "graceful-replacement")
PATHS = ("hit", "made", "network")


def test_every_request_is_counted_once(host):
    begin = time.time()
    host.socket_with_address(SESSION_LASTING)
    host.socket_with_address(SESSION_LASTING)
    host.socket_with_address(FIXED)
    with pytest.raises(Refused):
        host.setsc(host.socket(), GRACEFUL_REPLACEMENT)
    host.ask(b"not a frame")
    numbers = Numbers(host.daemon)
    assert numbers.all("odmd_requests_total") == {
        labels(type="session-lasting", outcome="granted"): 2,
        labels(type="fixed", outcome="granted"): 1,
        labels(type="graceful-replacement", outcome="no_source"): 1}
    assert numbers("odmd_misrequests_total") == 1
    assert [numbers("odmd_request_duration_seconds_count", path=path) for path in PATHS] == [1, 2, 0]
    assert 0 < numbers("odmd_request_duration_seconds_sum", path="made") < 1
    assert numbers.all("odmd_addresses") == {
        labels(type="session-lasting", state="active"): 1, labels(type="fixed", state="active"): 1}
    assert numbers.all("odmd_sockets") == {labels(type="session-lasting"): 2, labels(type="fixed"): 1}
    assert abs(numbers("odmd_start_time_seconds") - begin) < 60
    assert numbers("odmd_build_info", version=host.daemon.administer("status")["version"]) == 1


def test_the_text_is_whole_and_has_every_series_from_the_start(host):
    numbers = Numbers(host.daemon)
    assert numbers.text.endswith("\n# EOF\n")
    assert len(numbers.text) < 16384
    assert host.daemon.administer("metrics")["text"].count("\n") == numbers.text.count("\n")
    assert all(family.documentation for family in numbers.families.values())
    assert {family.name for family in numbers.families.values() if family.unit} == {
        "odmd_start_time_seconds", "odmd_uptime_seconds", "odmd_request_duration_seconds"}
    for type in TYPES:
        assert numbers("odmd_requests_total", type=type, outcome="granted") == 0
        assert numbers("odmd_sockets", type=type) == 0


def test_numbers_say_what_status_says(host):
    host.socket_with_address()
    host.ask(b"not a frame")
    status, numbers = host.daemon.administer("status"), Numbers(host.daemon)
    granted = sum(numbers.all("odmd_requests_total").values())
    assert (granted, numbers("odmd_misrequests_total")) == (status["requests_granted"], status["requests_refused"])
    assert sum(numbers.all("odmd_addresses").values()) == status["addresses"]
    assert sum(numbers.all("odmd_sockets").values()) == status["sockets"]


def test_a_source_that_is_asked(stopped_host):
    """What a helper gives takes longer, and is counted apart; so is what it refuses."""
    pool = Pool(stopped_host, "2001:db8:a:10::/64 session-lasting")
    stopped_host.daemon.configure(configuration_with(pool.source))
    stopped_host.daemon.start()
    stopped_host.socket_with_address(SESSION_LASTING)
    stopped_host.socket_with_address(SESSION_LASTING)
    with pytest.raises(Refused):
        stopped_host.setsc(stopped_host.socket(), FIXED)
    numbers = Numbers(stopped_host.daemon)
    assert [numbers(f"odmd_source_{what}_total", source="modem")
            for what in ("questions", "grants", "refusals", "withdrawals")] == [2, 1, 1, 0]
    assert [numbers("odmd_request_duration_seconds_count", path=path) for path in PATHS] == [1, 0, 1]
    assert numbers("odmd_requests_total", type="fixed", outcome="network_refused") == 1


def test_who_does_not_wait_for_the_answer(stopped_host):
    """A client that goes before its answer is there is counted, and leaves nothing behind."""
    stopped_host.daemon.configure(configuration_with(source("/bin/sleep 30")))
    stopped_host.daemon.start()
    with pytest.raises(TimeoutError):
        exchange(stopped_host.daemon.setsc_socket, request(FIXED), [stopped_host.socket()], timeout=0.3)
    wait_until(lambda: Numbers(stopped_host.daemon).all("odmd_requests_total")
               == {labels(type="fixed", outcome="cancelled"): 1}, "the client is gone")
    status = stopped_host.daemon.administer("status")
    assert (status["requests_granted"], status["requests_refused"]) == (0, 0)


# The log

def test_the_level_of_the_log_can_be_changed(host):
    sock, address = host.socket_with_address()
    assert "for socket" not in host.daemon.log
    assert host.daemon.odmctl("log-level", "debug").returncode == 0
    assert host.daemon.odmctl("log-level").stdout == "debug\n"
    assert host.daemon.administer("status")["log_level"] == "debug"
    other, _ = host.socket_with_address()
    cookie = int.from_bytes(other.getsockopt(socket.SOL_SOCKET, 57, 8), "little")  # SO_COOKIE
    assert f"{address} (session-lasting) for socket {cookie:x} (process {os.getpid()}, user 0)" in host.daemon.log
    host.daemon.reload()
    assert host.daemon.odmctl("log-level").stdout == "info\n", "a reload does what the configuration says"


def test_not_everybody_may_change_the_level_of_the_log(host):
    assert host.daemon.odmctl("log-level", "debug", user=NOBODY).returncode == EX_NOPERM
    assert host.daemon.odmctl("log-level", "loud").returncode == EX_USAGE
    assert host.daemon.odmctl("log-level", user=NOBODY).stdout == "info\n"


def test_what_policy_denies_is_counted_and_its_rule_named(configured_host):
    host = configured_host("[Rule nobody]\nTypes=session-lasting\nAction=deny\n" + configuration())
    with pytest.raises(Refused):
        host.setsc(host.socket(), SESSION_LASTING)
    assert Numbers(host.daemon)("odmd_requests_total", type="session-lasting", outcome="denied") == 1
    assert "user 0): the policy denies it (rule nobody)" in host.daemon.log


def test_a_client_in_a_loop_does_not_fill_the_log(configured_host):
    host = configured_host(configuration(types="fixed"))
    sock = host.socket()
    for _ in range(500):
        with pytest.raises(Refused):
            host.setsc(sock, SESSION_LASTING)
    assert 10 <= host.daemon.log.count("no session-lasting address for socket") <= 20
    assert Numbers(host.daemon)("odmd_requests_total", type="session-lasting", outcome="no_source") == 500
