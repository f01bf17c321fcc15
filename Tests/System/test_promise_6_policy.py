"""Promise 6: the first [Rule …] that matches decides who gets what, and `odmctl explain` says so beforehand."""

import errno
import socket
from dataclasses import dataclass

import pytest
import setsc_client
from host import as_user, configuration, finish, wait_until
from setsc_client import FIXED, GRACEFUL_REPLACEMENT, NON_PERSISTENT, ON_NET, SESSION_LASTING, request

NOBODY = 65534
TYPES = "fixed session-lasting non-persistent graceful-replacement"
TYPE_NAMES = dict(enumerate(TYPES.split(), start=1))
#: Instead of the host's, for a daemon in a file system of its own.
GROUPS = "root:x:0:\nodm-fixed:x:4711:\n"


@dataclass(frozen=True)
class Asker:
    """Whose process it is that asks. The groups besides the main one are as setgroups(2) takes them."""
    user: int
    group: int | None = None
    groups: tuple = ()

    @property
    def main_group(self):
        return self.user if self.group is None else self.group

    @property
    def has_groups_of_its_user(self):
        """`odmctl explain --user` takes the groups from the host's files."""
        return self.user in (0, NOBODY) and self.main_group == self.user and not self.groups


def asker(text):
    """From user, user:group or user:group,more,groups."""
    user, _, groups = text.partition(":")
    main, *more = map(int, groups.split(",")) if groups else [None]
    return Asker(int(user), main, tuple(more))


def name_of(number):
    return errno.errorcode[number] if number else "granted"


def ask(host, who, type, sock, flags=0):
    """What setsc() says to somebody: granted, or an errno's name."""
    path, frame = host.daemon.setsc_socket, request(type, flags=flags)
    said = as_user(who.user, lambda: setsc_client.exchange(path, frame, [sock]).errno, who.main_group, who.groups)
    return name_of(int(said))


def explained(host, type, *arguments):
    """What odmctl says that setsc() would say, and the rule that it names."""
    said = host.daemon.administer("explain", "--type", TYPE_NAMES[type], *map(str, arguments))
    assert (said["outcome"] == "refused") == ("errno" in said), said
    return name_of(said.get("errno", 0)), said["rule"]["name"]


def explained_to_process(host, who, type, *options):
    process = host.namespace.start("sleep", "infinity", user=who.user, group=who.main_group, extra_groups=who.groups)
    try:
        return explained(host, type, "--pid", process.pid, *options)
    finally:
        finish(process)


def ask_as_explained(host, who, type, sock, *options):
    """What setsc() says, after odmctl has said the same and changed nothing."""
    before = host.addresses
    said, rule = explained_to_process(host, who, type, *options)
    if who.has_groups_of_its_user:
        assert explained(host, type, "--user", who.user, *options) == (said, rule)
    assert host.addresses == before, "to explain makes nothing"
    assert ask(host, who, type, sock, ON_NET if options else 0) == said, f"as {rule} was said to decide"
    return said


def start(host, rules, **sections):
    host.daemon.configure(configuration(TYPES, **sections) + rules)
    host.daemon.start()
    return host


# Who may have what

ONLY_NOBODY = "[Rule ours]\nTypes=fixed\nUser=nobody\n[Rule others]\nTypes=fixed\nAction=deny\n"
BY_GROUP = "[Rule team]\nTypes=fixed\nGroup=4100\n"
POLICIES = {
    "built in: Fixed for root": ("", [
        ("0", FIXED, "granted", "default"), ("4001", FIXED, "EACCES", "default"),
        ("65534", FIXED, "EACCES", "default"), ("4001:0", FIXED, "EACCES", "default"),
    ]),
    "built in: the rest for everybody": ("", [
        ("4001", SESSION_LASTING, "granted", "default"), ("65534", NON_PERSISTENT, "granted", "default"),
        ("4001", GRACEFUL_REPLACEMENT, "granted", "default"), ("0", SESSION_LASTING, "granted", "default"),
    ]),
    "a user by name, before root": (ONLY_NOBODY, [
        ("65534", FIXED, "granted", "ours"), ("4001", FIXED, "EACCES", "others"), ("0", FIXED, "EACCES", "others"),
        ("4001", SESSION_LASTING, "granted", "default"),
    ]),
    "users by number": ("[Rule two]\nUser=4001 4002\nAction=deny\n", [
        ("4001", SESSION_LASTING, "EACCES", "two"), ("4002", NON_PERSISTENT, "EACCES", "two"),
        ("4003", SESSION_LASTING, "granted", "default"), ("0:4001", SESSION_LASTING, "granted", "default"),
    ]),
    "a group": (BY_GROUP, [
        ("4001:4100", FIXED, "granted", "team"), ("4001:4001,4100", FIXED, "granted", "team"),
        ("4001:4001,4099,4100", FIXED, "granted", "team"), ("4001", FIXED, "EACCES", "default"),
        ("4100:4001", FIXED, "EACCES", "default"), ("0", FIXED, "granted", "default"),
    ]),
    "a group by name": ("[Rule team]\nTypes=fixed\nGroup=nogroup\n", [
        ("4001:65534", FIXED, "granted", "team"), ("65534", FIXED, "granted", "team"),
        ("4001", FIXED, "EACCES", "default"),
    ]),
    "one of several groups": ("[Rule team]\nTypes=fixed\nGroup=4100 4200\nGroup=4300\n", [
        ("4001:4200", FIXED, "granted", "team"), ("4001:7,4300", FIXED, "granted", "team"),
        ("4001:4400", FIXED, "EACCES", "default"),
    ]),
    "a user and a group, both": ("[Rule both]\nTypes=fixed\nUser=4001 nobody\nGroup=4100\n", [
        ("4001:4100", FIXED, "granted", "both"), ("65534:65534,4100", FIXED, "granted", "both"),
        ("4001", FIXED, "EACCES", "default"), ("4002:4100", FIXED, "EACCES", "default"),
    ]),
    "deny before allow": ("[Rule not]\nTypes=fixed\nUser=4001\nAction=deny\n" + BY_GROUP, [
        ("4001:4100", FIXED, "EACCES", "not"), ("4002:4100", FIXED, "granted", "team"),
    ]),
    "allow before deny": (BY_GROUP + "[Rule not]\nTypes=fixed\nUser=4001\nAction=deny\n", [
        ("4001:4100", FIXED, "granted", "team"), ("4001", FIXED, "EACCES", "not"),
    ]),
    "a type of several": ("[Rule none]\nTypes=session-lasting graceful-replacement\nAction=deny\n", [
        ("0", SESSION_LASTING, "EACCES", "none"), ("4001", GRACEFUL_REPLACEMENT, "EACCES", "none"),
        ("4001", NON_PERSISTENT, "granted", "default"), ("0", FIXED, "granted", "default"),
    ]),
    "nobody is in a unit here": ("[Rule unit]\nTypes=fixed\nUnit=voip-*.service\n", [
        ("4001", FIXED, "EACCES", "default"), ("0", FIXED, "granted", "default"),
    ]),
}
ROWS = [pytest.param(rules, *row, id=f"{policy}-{row[0]}-{TYPE_NAMES[row[1]]}")
        for policy, (rules, rows) in POLICIES.items() for row in rows]


def refusals_logged(host, who, type, rule):
    """Lines of the log that name what was asked for, by whom, and by which rule it was refused."""
    words = f"no {TYPE_NAMES[type]} address ", f"user {who.user})", f"(rule {rule})"
    return sum(all(word in line for word in words) for line in host.daemon.log.splitlines())


def assert_decided(host, who, type, answer, rule):
    """By this rule, for each kind of request, as odmctl says; a denial is in the log, and leaves nothing behind."""
    assert explained_to_process(host, who, type) == (answer, rule)
    for options in ([], ["--on-net"]):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            sock = host.socket(kind)
            assert ask_as_explained(host, who, type, sock, *options) == answer
    if answer == "granted":
        assert host.addresses and "(rule " not in host.daemon.log
    else:
        host.assert_nothing_left()
        assert refusals_logged(host, who, type, rule) == 4


@pytest.mark.parametrize("rules, who, type, answer, rule", ROWS)
def test_the_first_rule_that_matches_decides(stopped_host, rules, who, type, answer, rule):
    assert_decided(start(stopped_host, rules), asker(who), type, answer, rule)


@pytest.mark.parametrize("who, answer", [("4001:4711", "granted"), ("4001:4001,4711", "granted"), ("4001", "EACCES")])
def test_members_of_odm_fixed_may_have_fixed_addresses(stopped_host, who, answer):
    host = stopped_host
    groups = host.daemon.directory / "group"
    groups.write_text(GROUPS)
    host.daemon.wrapper = ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                           f'mount --bind {groups} /etc/group && exec "$@"', "sh"]
    assert_decided(start(host, ""), asker(who), FIXED, answer, "default")


def test_a_shared_address_is_not_for_those_who_may_not_have_it(stopped_host):
    """It is there, and others use it: the way on which nothing has to be made."""
    host = start(stopped_host, ONLY_NOBODY)
    assert ask(host, Asker(NOBODY), FIXED, host.socket()) == "granted"
    before = host.addresses
    assert ask_as_explained(host, Asker(4001), FIXED, host.socket()) == "EACCES"
    assert host.addresses == before and len(host.daemon.administer("sockets")["sockets"]) == 1


def test_the_administrator_needs_no_policy(stopped_host):
    host = start(stopped_host, "[Rule none]\nAction=deny\n")
    assert ask(host, Asker(0), FIXED, host.socket()) == "EACCES"
    assert host.daemon.administer("acquire", "fixed")["address"] in host.addresses


def test_an_address_is_kept_when_the_rules_change(stopped_host):
    """Who has it keeps it; who asks anew does not get it."""
    host = start(stopped_host, "")
    sock, address = host.socket_with_address()
    host.daemon.configure(configuration(TYPES) + "[Rule none]\nTypes=session-lasting\nAction=deny\n")
    host.daemon.reload()
    assert ask_as_explained(host, Asker(0), SESSION_LASTING, host.socket()) == "EACCES"
    assert host.addresses == {address} and host.getsc(sock) == (address, SESSION_LASTING)


def test_explain_is_for_everybody_and_tells_of_the_caller(stopped_host):
    host = start(stopped_host, BY_GROUP)
    for user, answer in ((0, "granted"), (NOBODY, "EACCES")):
        done = host.daemon.odmctl("explain", "--type", "fixed", user=user)
        assert done.returncode == 0 and f"user {'root' if user == 0 else 'nobody'}" in done.stdout
        assert ("refused" not in done.stdout) == (answer == "granted")
        assert ask(host, Asker(user), FIXED, host.socket()) == answer


# How much

def sockets_until_refused(host, who, type, most=10, flags=0):
    """Open sockets that have got an address, and what the first said that has not; odmctl says the same of each."""
    options = ["--on-net"] if flags else []
    for count in range(most):
        sock = host.socket()
        answer = ask_as_explained(host, who, type, sock, *options)
        if answer != "granted":
            return count, answer
    return most, "granted"


@pytest.mark.parametrize("share, rule, granted", [
    ("socket", "MaxAddresses=3", 3), ("user", "MaxAddresses=3", None), ("host", "MaxAddresses=1", None),
    ("socket", "MaxSockets=2", 2), ("user", "MaxSockets=2", 2), ("host", "MaxSockets=2", 2),
    ("socket", "MaxAddresses=2\nMaxSockets=3", 2), ("socket", "MaxAddresses=3\nMaxSockets=2", 2),
    ("host", "MaxAddresses=1\nMaxSockets=3", 3),
])
def test_what_a_user_may_have(stopped_host, share, rule, granted):
    """And another user has the same to himself."""
    host = start(stopped_host, f"[Rule few]\n{rule}\n", session_lasting=f"Share={share}\nLingerSec=0")
    expected = (granted, "EDQUOT") if granted else (6, "granted")
    assert sockets_until_refused(host, Asker(4001), SESSION_LASTING, most=6) == expected
    if granted:
        assert refusals_logged(host, Asker(4001), SESSION_LASTING, "few") == 1
    assert sockets_until_refused(host, Asker(4002), SESSION_LASTING, most=6) == expected
    host.close_sockets()
    host.assert_nothing_left()


def test_addresses_on_net_are_counted(stopped_host):
    """Each is one more, also where addresses are shared."""
    host = start(stopped_host, "[Rule few]\nMaxAddresses=3\n")
    assert ask(host, Asker(4001), SESSION_LASTING, host.socket()) == "granted"
    assert sockets_until_refused(host, Asker(4001), SESSION_LASTING, flags=ON_NET) == (2, "EDQUOT")
    assert ask_as_explained(host, Asker(4001), SESSION_LASTING, host.socket()) == "granted", "he has it already"
    assert sockets_until_refused(host, Asker(4002), SESSION_LASTING, flags=ON_NET) == (3, "EDQUOT")


def test_a_rule_counts_across_its_types(stopped_host):
    host = start(stopped_host, "[Rule few]\nTypes=session-lasting non-persistent\nMaxSockets=3\n")
    who = Asker(4001)
    given = [ask(host, who, type, host.socket()) for type in (SESSION_LASTING, NON_PERSISTENT, SESSION_LASTING)]
    assert given == ["granted"] * 3
    for type, answer in ((SESSION_LASTING, "EDQUOT"), (NON_PERSISTENT, "EDQUOT"), (GRACEFUL_REPLACEMENT, "granted")):
        assert ask_as_explained(host, who, type, host.socket()) == answer


def test_addresses_of_several_types_on_one_socket(stopped_host):
    """Each counts, and what the socket has it is given again."""
    host = start(stopped_host, "[Rule few]\nMaxAddresses=2\nMaxSockets=2\n")
    sock, who = host.socket(), Asker(4001)
    assert [ask(host, who, type, sock) for type in (SESSION_LASTING, NON_PERSISTENT, GRACEFUL_REPLACEMENT)] \
        == ["granted", "granted", "EDQUOT"]
    assert [ask(host, who, type, sock) for type in (SESSION_LASTING, NON_PERSISTENT)] == ["granted", "granted"]
    assert ask(host, who, SESSION_LASTING, host.socket()) == "EDQUOT"


@pytest.mark.parametrize("limit", ["MaxAddresses", "MaxSockets"])
def test_what_is_closed_is_free_again(stopped_host, limit):
    host = start(stopped_host, f"[Rule few]\n{limit}=1\n", session_lasting="Share=socket\nLingerSec=1h")
    who = Asker(4001)
    for _ in range(3):
        sock = host.socket()
        assert ask(host, who, SESSION_LASTING, sock) == "granted"
        assert ask_as_explained(host, who, SESSION_LASTING, host.socket()) == "EDQUOT"
        sock.close()
        wait_until(lambda: host.daemon.administer("sockets")["sockets"] == [], "the socket is gone")


def test_each_rule_has_its_own_limit(stopped_host):
    host = start(stopped_host, "[Rule team]\nGroup=4100\nMaxSockets=2\n[Rule rest]\nMaxSockets=1\n")
    assert sockets_until_refused(host, asker("4001:4100"), SESSION_LASTING) == (2, "EDQUOT")
    assert sockets_until_refused(host, asker("4002"), SESSION_LASTING) == (1, "EDQUOT")


def test_what_there_was_before_a_restart_or_a_rule_counts(stopped_host):
    host = start(stopped_host, "")
    who = Asker(4001)
    assert [ask(host, who, SESSION_LASTING, host.socket()) for _ in range(2)] == ["granted"] * 2
    host.daemon.configure(configuration(TYPES) + "[Rule few]\nMaxSockets=3\n")
    host.daemon.reload()
    assert sockets_until_refused(host, who, SESSION_LASTING) == (1, "EDQUOT")
    host.daemon.kill()
    host.daemon.start()
    assert ask_as_explained(host, who, SESSION_LASTING, host.socket()) == "EDQUOT"


def test_sockets_that_another_user_asks_for_are_that_users(stopped_host):
    """Whoever asks is counted, whoever has made the socket."""
    host = start(stopped_host, "[Rule few]\nMaxSockets=1\n")
    sock = host.socket()
    assert [ask(host, Asker(user), SESSION_LASTING, host.socket()) for user in (4001, 4002, 4001)] \
        == ["granted", "granted", "EDQUOT"]
    assert ask(host, Asker(0), SESSION_LASTING, sock) == "granted", "root has a limit of his own"
    assert ask(host, Asker(0), SESSION_LASTING, host.socket()) == "EDQUOT"
