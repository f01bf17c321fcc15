"""What is remembered of sockets outside of the process: a file that is missing, damaged or foreign is refused with one
warning, and what is bound keeps its address all the same."""

import os
import time

import pytest
from host import A_WHILE, wait_until
from setsc_client import SESSION_LASTING


# What the daemon gives sockets that it cannot know of.
SECONDS_TO_BIND = 10
HEADER_OCTETS = RECORD_OCTETS = 64


def record_file(host):
    return host.daemon.runtime_directory / "sockets"


def halve(file):
    os.truncate(file, file.stat().st_size // 2 + 1)


def spoil(position, value, count=1):
    """Changes octets of the file."""
    def change(file):
        octets = bytearray(file.read_bytes())
        for index in range(position, position + count):
            octets[index] ^= value
        file.write_bytes(octets)
    return change


def replace_by_directory(file):
    file.unlink()
    file.mkdir()


def replace_by_link(file):
    file.unlink()
    file.symlink_to("/etc/hostname")


DAMAGES = {
    "cut in the header": lambda file: os.truncate(file, 5),
    "cut in a record": halve,
    "empty": lambda file: os.truncate(file, 0),
    "random octets": lambda file: file.write_bytes(os.urandom(file.stat().st_size)),
    "text": lambda file: file.write_text("[sockets]\nnone\n" * 100),
    "ones": lambda file: file.write_bytes(b"\xff" * file.stat().st_size),
    "zeros": lambda file: file.write_bytes(bytes(file.stat().st_size)),
    "another signature": spoil(0, 0x20),
    "a newer version": spoil(8, 0x02),
    "larger records": spoil(12, 0x80),
    "another boot that is none": spoil(16, 0xFF),
    "a half-written record": spoil(HEADER_OCTETS + 32, 0xFF, 32),
    "a flipped bit in a record": spoil(HEADER_OCTETS + 10, 0x01),
    "a directory": replace_by_directory,
    "a link": replace_by_link,
}


def lines_about_records(host, since):
    return [line for line in host.daemon.log[since:].splitlines() if str(record_file(host)) in line]


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file(host, damage):
    bound, address = host.socket_with_address()
    _, other = host.socket_with_address(on_net=True)
    host.daemon.kill()
    log = len(host.daemon.log)
    damage(record_file(host))
    host.daemon.start()
    time.sleep(A_WHILE)
    assert {address, other} <= host.addresses
    assert len(lines_about_records(host, log)) == 1, host.daemon.log[log:]
    assert host.setsc(host.socket()) in (address, other)
    assert bound.fileno() >= 0


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_records_are_kept_again_afterwards(host, damage):
    host.socket_with_address()
    host.daemon.kill()
    damage(record_file(host))
    host.daemon.start()
    sock, address = host.socket_with_address(on_net=True, bind=False)
    log = len(host.daemon.log)
    with host.daemon_away():
        pass
    time.sleep(A_WHILE)
    assert address in host.addresses
    assert host.getsc(sock) == (address, SESSION_LASTING)
    assert lines_about_records(host, log) == []


def test_a_damaged_record_takes_no_other_with_it(host):
    """The first record is damaged, the second is good."""
    host.socket_with_address()
    sock, address = host.socket_with_address(on_net=True, bind=False)
    with host.daemon_away():
        spoil(HEADER_OCTETS + 10, 0x01)(record_file(host))
    time.sleep(A_WHILE)
    assert host.getsc(sock) == (address, SESSION_LASTING)
    sock.bind((address, 0))


def test_records_in_each_others_places(host):
    """Each has its place; a copy of one elsewhere is damage."""
    sock, address = host.socket_with_address()
    with host.daemon_away():
        octets = record_file(host).read_bytes()
        record_file(host).write_bytes(octets[:HEADER_OCTETS] + bytes(RECORD_OCTETS) + octets[HEADER_OCTETS:])
    time.sleep(A_WHILE)
    assert len(lines_about_records(host, 0)) == 1
    assert sock.getsockname()[0] == address in host.addresses


def test_a_missing_file(host):
    sock, address = host.socket_with_address()
    with host.daemon_away():
        record_file(host).unlink()
    time.sleep(A_WHILE)
    assert address in host.addresses
    sock.close()
    host.wait_until_gone(address, SECONDS_TO_BIND + 2)
    host.assert_nothing_left()


def test_without_records_an_unbound_socket_has_time_to_bind(host):
    """It is in no dump of the kernel's."""
    sock, address = host.socket_with_address(bind=False)
    with host.daemon_away():
        record_file(host).unlink()
    time.sleep(A_WHILE)
    sock.bind((address, 0))


def test_a_lost_runtime_directory(host):
    sock, address = host.socket_with_address()
    with host.daemon_away():
        record_file(host).unlink()
        for file in host.daemon.runtime_directory.iterdir():
            file.unlink()
        host.daemon.runtime_directory.rmdir()
    time.sleep(A_WHILE)
    assert address in host.addresses
    another, other = host.socket_with_address(on_net=True, bind=False)
    with host.daemon_away():
        pass
    time.sleep(A_WHILE)
    assert {address, other} <= host.addresses
    sock.close(), another.close()


def test_records_of_sockets_that_are_long_dead(host):
    """No address of the file is there, and no process has such a socket."""
    host.socket_with_address()
    host.socket_with_address(on_net=True, bind=False)
    octets = record_file(host).read_bytes()
    host._open.close()
    host.assert_nothing_left()
    with host.daemon_away("stop"):
        record_file(host).write_bytes(octets)
    host.assert_nothing_left()
    assert lines_about_records(host, 0) == []


def test_the_file_is_for_root_alone_and_does_not_grow(host):
    """A record is used again, however many sockets come and go."""
    keeper, _ = host.socket_with_address()
    assert record_file(host).stat().st_mode & 0o077 == 0
    before = record_file(host).stat().st_size
    for _ in range(500):
        sock = host.socket()
        host.setsc(sock)
        sock.close()
        if _ % 20 == 0:
            wait_until(lambda: len(host.daemon.administer("sockets")["sockets"]) == 1, "one is left")
    assert record_file(host).stat().st_size <= max(before, 1 << 16)
    keeper.close()


def test_nothing_is_in_the_file_when_everything_is_closed(host):
    """The records of the dead are overwritten with zeros."""
    pairs = [host.socket_with_address(on_net=on_net, bind=bind) for on_net in (True, False) for bind in (True, False)]
    assert any(record_file(host).read_bytes()[HEADER_OCTETS:])
    for sock, _ in pairs:
        sock.close()
    host.assert_nothing_left()
    wait_until(lambda: not any(record_file(host).read_bytes()[HEADER_OCTETS:]), "zeros")
