"""odmctl, the Varlink interface, and who may do what."""

import json
import re
import socket

import pytest
import varlink
from host import configuration, wait_until
from network import PREFIX
from setsc_client import FIXED

MANAGER = "org.odmd.Manager"
NOBODY = 65534
EX_USAGE, EX_DATAERR, EX_UNAVAILABLE, EX_TEMPFAIL, EX_NOPERM, EX_CONFIG = 64, 65, 69, 75, 77, 78


@pytest.fixture
def manager(host):
    """The interface as a client of another project sees it."""
    client = varlink.Client.new_with_address(f"unix:{host.daemon.admin_socket}")
    with client.open(MANAGER) as connection:
        yield connection
    client.close() if hasattr(client, "close") else None


# odmctl

def test_status_counts(host):
    sock, _ = host.socket_with_address()
    host.ask(b"not a frame")
    status = host.daemon.administer("status")
    assert (status["addresses"], status["sockets"], status["sources"]) == (1, 1, 1)
    assert (status["requests_granted"], status["requests_refused"]) == (1, 1)
    assert status["pid"] == host.daemon.process.pid
    assert status["version"] == "0.1.0"
    assert status["configuration_path"] == str(host.daemon.configuration_file)
    assert status["lost_event_overruns"] == 0
    assert [network["interface"] for network in status["networks"]] == ["up0"]


def test_lists_show_what_there_is(host):
    sock, address = host.socket_with_address()
    (listed,) = host.daemon.administer("addresses")["addresses"]
    assert (listed["address"], listed["type"], listed["state"], listed["source"], listed["interface"],
            listed["sockets"], listed["held"]) \
        == (address, "session-lasting", "active", "home", "lo", 1, False)
    (listed,) = host.daemon.administer("sockets")["sockets"]
    cookie = int.from_bytes(sock.getsockopt(socket.SOL_SOCKET, 57, 8), "little")  # SO_COOKIE
    assert int(listed["cookie"], 16) == cookie
    assert (listed["address"], listed["user"], listed["transport"]) == (address, 0, socket.IPPROTO_TCP)
    (listed,) = host.daemon.administer("sources")["sources"]
    assert (listed["name"], listed["prefixes"], listed["interface"], listed["available"],
            listed["addresses"]) == ("home", [str(PREFIX)], "up0", True, 1)


@pytest.mark.parametrize("command", ["status", "addresses", "sockets", "sources"])
def test_tables_fit_a_terminal(host, command):
    sock, address = host.socket_with_address()
    table = host.daemon.odmctl_on_a_terminal(command, columns=80)
    assert all(len(line) <= 80 for line in table.splitlines()), table
    assert command in ("status", "sources") or address in table


@pytest.mark.parametrize("environment, is_coloured", [
    ({"TERM": "xterm", "NO_COLOR": ""}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False),
])
def test_states_have_colours_where_they_are_wanted(host, environment, is_coloured):
    host.socket_with_address()
    table = host.daemon.odmctl_on_a_terminal("addresses", **environment)
    assert ("\x1b[32mactive\x1b[m" in table) == is_coloured == ("\x1b" in table)


def test_json_is_an_object_on_a_line(host):
    host.socket_with_address()
    for command in ("status", "addresses", "sockets", "sources"):
        (line,) = host.daemon.odmctl_on_a_terminal(command, "--json").splitlines()
        assert isinstance(json.loads(line), dict)
    held = [host.daemon.administer("acquire", type)["address"] for type in ("fixed", "non-persistent")]
    released = host.daemon.odmctl("release", "--json", *held).stdout.splitlines()
    assert [json.loads(line) for line in released] \
        == [{"address": address, "removed": True, "sockets": 0} for address in held]


# What is wanted of a list

def test_addresses_by_end_type_and_source(host):
    fixed, other = (host.daemon.administer("acquire", type)["address"] for type in ("fixed", "non-persistent"))

    def listed(*arguments):
        return [row["address"] for row in host.daemon.administer("addresses", *arguments)["addresses"]]

    end = fixed.rsplit(":", 1)[1]
    assert listed(end) == listed("::" + end) == listed(fixed) == listed("--type", "fixed") == [fixed]
    assert listed(end, "--type", "non-persistent") == listed("2001:db8::1") == []
    assert set(listed(end, other)) == set(listed("--source", "home")) == set(listed("--source", "h")) == {fixed, other}
    table = host.daemon.odmctl("addresses", end).stdout
    assert fixed in table and other not in table
    assert host.daemon.odmctl_on_a_terminal("addresses", "2001:db8::1") == "There is no such address.\n"
    done = host.daemon.odmctl("addresses", "--source", "hmoe")
    assert (done.returncode, done.stderr) \
        == (EX_DATAERR, "odmctl: there is no source 'hmoe'; did you mean 'home'?\n")


def test_sockets_by_address_and_user(host):
    _, address = host.socket_with_address()
    _, other = host.socket_with_address(FIXED)
    _, theirs = host.application(user=NOBODY)
    wait_until(lambda: len(host.daemon.administer("sockets")["sockets"]) == 3, "all are there")

    def listed(*arguments):
        return {(row["address"], row["user"]) for row in host.daemon.administer("sockets", *arguments)["sockets"]}

    assert listed(other) == listed(other[-10:]) == {(other, 0)}
    assert listed("--user", "nobody") == listed("--user", str(NOBODY)) == {(theirs, NOBODY)}
    assert listed("--user", "root") == {(address, 0), (other, 0)}
    assert host.daemon.odmctl("sockets", "--user", "no such user").returncode == EX_USAGE


def test_a_source_by_name(configured_host):
    host = configured_host(configuration() + "[Source hotel]\nKind=ra\nTypes=non-persistent\nInterface=up0\n")
    for name in ("home", "hom"):
        (listed,) = host.daemon.administer("sources", name)["sources"]
        assert listed["name"] == "home"
    done = host.daemon.odmctl("sources", "ho")
    assert (done.returncode, done.stderr) == (EX_DATAERR, "odmctl: several sources begin with 'ho': home, hotel\n")
    assert "did you mean 'hotel'" in host.daemon.odmctl("sources", "hotle").stderr


# Changing

def test_release_by_the_end_of_an_address(host):
    given = [host.daemon.administer("acquire", "non-persistent", "--on-net")["address"] for _ in range(3)]
    done = host.daemon.odmctl("release", given[0][-9:], given[1])
    assert (done.returncode, done.stdout) == (0, f"{given[0]} removed\n{given[1]} removed\n")
    wait_until(lambda: host.addresses == {given[2]}, "two are released")


def test_release_of_what_is_not_one_address(host):
    # Of 17 addresses, two end in the same hexadecimal digit.
    given = [host.daemon.administer("acquire", "non-persistent", "--on-net")["address"] for _ in range(17)]
    ends = [address[-1] for address in given]
    end = next(end for end in ends if ends.count(end) > 1)
    done = host.daemon.odmctl("release", end)
    assert done.returncode == EX_DATAERR and f"{end}: several addresses of odmd end so" in done.stderr
    assert {address for address in given if address in done.stderr} \
        == {address for address in given if address.endswith(end)}
    done = host.daemon.odmctl("release", ":")
    assert done.returncode == EX_DATAERR and "no address of odmd ends so" in done.stderr
    assert sum(address in done.stderr for address in given) == 10 and "and 7 more" in done.stderr
    assert host.addresses == set(given), "nothing was released"


def test_acquire_and_release(host):
    address = host.daemon.administer("acquire", "session-lasting")["address"]
    assert address in host.addresses
    (row,) = host.daemon.administer("addresses")["addresses"]
    assert row["held"] is True and row["sockets"] == 0
    sock, shared = host.socket_with_address()
    assert shared == address, "a held address is shared like another"
    sock.close()
    wait_until(lambda: host.daemon.administer("sockets")["sockets"] == [], "the socket is gone")
    assert address in host.addresses, "it is held"
    host.daemon.administer("release", address)
    host.wait_until_gone(address)


def test_acquire_with_on_net(host):
    given = {host.daemon.administer("acquire", "non-persistent", "--on-net")["address"] for _ in range(3)}
    assert len(given) == 3 and given <= host.addresses
    assert host.daemon.odmctl("release", *given).returncode == 0
    wait_until(lambda: not host.addresses, "all are released")


def test_release_all(host):
    keeper, used = host.socket_with_address()
    for type in ("fixed", "non-persistent"):
        host.daemon.administer("acquire", type)
    host.daemon.administer("release", "--all")
    wait_until(lambda: host.addresses == {used}, "only the address in use is left")
    keeper.close()
    host.assert_nothing_left()


def test_release_of_a_fixed_address_that_nobody_uses(host):
    sock, address = host.socket_with_address(FIXED)
    sock.close()
    wait_until(lambda: host.daemon.administer("sockets")["sockets"] == [], "the socket is gone")
    host.daemon.administer("release", address)
    host.wait_until_gone(address)


@pytest.mark.parametrize("arguments, status, words", [
    (["acquire", "eternal"], EX_USAGE, "session-lasting"),
    (["acquire"], EX_USAGE, "type"),
    (["nonsense"], EX_USAGE, "nonsense"),
    (["adresses"], EX_USAGE, "did you mean 'addresses'?"),
    (["addresses", "--jsn"], EX_USAGE, "Did you mean '--json'?"),
    (["addresses", "--interval", "5"], EX_USAGE, "--watch"),
    (["addresses", "--watch", "--interval", "0"], EX_USAGE, "from 0.1 to 86400"),
    (["release"], EX_USAGE, ""),
    (["release", "not-an-address"], EX_USAGE, "not-an-address"),
    (["acquire", "graceful-replacement"], EX_CONFIG, "no source"),
])
def test_exit_status_of_what_cannot_be(host, arguments, status, words):
    done = host.daemon.odmctl(*arguments)
    assert done.returncode == status, done.stderr
    assert words in done.stderr and done.stderr, done.stderr


def test_exit_status_when_addresses_are_used_up(configured_host):
    host = configured_host(configuration(source="MaxAddresses=1"))
    host.daemon.administer("acquire", "fixed")
    assert host.daemon.odmctl("acquire", "session-lasting").returncode == EX_TEMPFAIL


def test_exit_status_without_a_daemon(host):
    host.daemon.stop()
    done = host.daemon.odmctl("status")
    assert done.returncode == EX_UNAVAILABLE
    assert "odmd is not running" in done.stderr


def test_reload_tells_what_is_wrong(host):
    host.daemon.configure("[Daemon]\nLogLevel=loud\n[Bogus]\n")
    done = host.daemon.odmctl("reload")
    assert done.returncode == EX_CONFIG
    assert f"{host.daemon.configuration_file}:2: " in done.stderr
    assert f"{host.daemon.configuration_file}:3: " in done.stderr
    host.daemon.configure(configuration())
    assert host.daemon.odmctl("reload").returncode == 0


# Rights

@pytest.mark.parametrize("command", ["status", "addresses", "sockets", "sources", "metrics", "log-level"])
def test_everybody_may_read(host, command):
    assert host.daemon.odmctl(command, user=NOBODY).returncode == 0


@pytest.mark.parametrize("command", [["acquire", "session-lasting"], ["release", "--all"],
                                     ["release", "2001:db8:a::1"], ["reload"], ["log-level", "debug"]])
def test_not_everybody_may_change(host, command):
    sock, address = host.socket_with_address()
    done = host.daemon.odmctl(*command, user=NOBODY)
    assert done.returncode == EX_NOPERM, done.stderr
    assert "root" in done.stderr
    assert [row["address"] for row in host.daemon.administer("addresses")["addresses"]] == [address]


def test_the_admin_group_may_change(configured_host):
    host = configured_host(configuration(daemon="AdminGroup=nogroup"))
    assert host.daemon.odmctl("acquire", "fixed", user=NOBODY).returncode == 0


def test_an_unknown_admin_group_leaves_it_to_root(configured_host):
    host = configured_host(configuration(daemon="AdminGroup=nosuchgroup"))
    assert host.daemon.odmctl("acquire", "fixed", user=NOBODY).returncode == EX_NOPERM
    assert host.daemon.odmctl("acquire", "fixed").returncode == 0


# A client of another project

def test_varlink_introspection(host):
    client = varlink.Client.new_with_address(f"unix:{host.daemon.admin_socket}")
    info = client.get_service_info() if hasattr(client, "get_service_info") else None
    with client.open("org.varlink.service") as service:
        info = service.GetInfo()
        assert info["version"] == "0.1.0"
        assert set(info["interfaces"]) == {"org.varlink.service", MANAGER}
        description = service.GetInterfaceDescription(MANAGER)["description"]
    methods = set(re.findall(r"^method (\w+)", description, re.MULTILINE))
    assert methods == {"Status", "ListAddresses", "ListSockets", "ListSources", "ListRules", "GetConfiguration",
                       "Explain", "Monitor", "Metrics", "Acquire", "Release", "ReleaseAll", "Reload", "SetLogLevel",
                       "Assign", "ListAssignments"}


def test_varlink_reads_and_changes(host, manager):
    sock, address = host.socket_with_address()
    assert manager.Status()["sockets"] == 1
    assert [row["address"] for row in manager.ListAddresses()["addresses"]] == [address]
    assert [row["address"] for row in manager.ListSockets()["sockets"]] == [address]
    assert [row["name"] for row in manager.ListSources()["sources"]] == ["home"]
    assert {row["name"] for row in manager.ListRules()["rules"]} == {"default"}
    assert {"section": "Source home", "key": "Kind", "value": "static"}.items() <= next(
        row for row in manager.GetConfiguration()["settings"] if row["key"] == "Kind").items()
    explanation = manager.Explain(type="session-lasting")
    assert (explanation["outcome"], explanation["address"]) == ("shared", address)
    held = manager.Acquire("non-persistent", None)["address"]
    assert held in host.addresses
    assert manager.Release(held) == {"removed": True, "sockets": 0}
    assert manager.Release(address) == {"removed": False, "sockets": 1}
    assert manager.ReleaseAll()["leaving"] == 1
    assert manager.Metrics()["text"].endswith("# EOF\n")
    assert manager.SetLogLevel("warning") == {} and manager.Status()["log_level"] == "warning"
    assert manager.Reload() == {} and manager.Status()["log_level"] == "info"


@pytest.mark.parametrize("call, error", [
    (lambda manager: manager.Acquire("eternal", None), "org.varlink.service.InvalidParameter"),
    (lambda manager: manager.Acquire("graceful-replacement", None), f"{MANAGER}.RequestRefused"),
    (lambda manager: manager.Release("2001:db8:a::1"), f"{MANAGER}.AddressNotFound"),
    (lambda manager: manager.Release("somewhere"), "org.varlink.service.InvalidParameter"),
    (lambda manager: manager.SetLogLevel("loud"), "org.varlink.service.InvalidParameter"),
    (lambda manager: manager.Monitor(), "org.varlink.service.ExpectedMore"),
])
def test_varlink_errors(manager, call, error):
    with pytest.raises(varlink.VarlinkError) as raised:
        call(manager)
    assert raised.value.as_dict()["error"] == error


def test_a_hold_of_a_client_that_left_is_given_up_or_told(host):
    """An address held for nobody would stay for ever."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(host.daemon.admin_socket))
        call = {"method": f"{MANAGER}.Acquire", "parameters": {"type": "session-lasting"}}
        connection.sendall(json.dumps(call).encode() + b"\0")
        connection.recv(4096)
    (row,) = host.daemon.administer("addresses")["addresses"]
    assert row["held"], "it was told, so it is held"


# Pipelining and oneway, as varlink.org has it

def raw(host, *messages):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(host.daemon.admin_socket))
        connection.sendall(b"".join(json.dumps(message).encode() + b"\0" for message in messages))
        connection.shutdown(socket.SHUT_WR)
        data = b""
        while octets := connection.recv(65536):
            data += octets
    return [json.loads(reply) for reply in data.split(b"\0") if reply]


def test_pipelined_calls_are_answered_in_order(host):
    calls = [{"method": f"{MANAGER}.{name}"} for name in ("Status", "ListSockets", "ListSources") * 20]
    replies = raw(host, *calls)
    assert [next(iter(set(reply["parameters"]) & {"version", "sockets"} or {"sources"}))
            if "version" not in reply["parameters"] else "version" for reply in replies] \
        == ["version", "sockets", "sources"] * 20


def test_a_oneway_call_has_no_answer(host):
    replies = raw(host, {"method": f"{MANAGER}.Acquire", "parameters": {"type": "fixed"}, "oneway": True},
                  {"method": f"{MANAGER}.Status"})
    assert len(replies) == 1 and replies[0]["parameters"]["version"] == "0.1.0"
