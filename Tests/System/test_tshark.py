"""Every packet that the daemon sends is what an independent reader takes it for, without a complaint."""

import socket
import subprocess

import pytest
from access_network import HARDWARE_ADDRESS
from delegation import CONTINUITY_OPTION
from dhcpv6 import ALL_SERVERS, CLIENT_PORT, SERVER_PORT, Code, Kind, Message, Options
from host import configuration_with, network_source, wait_until

MALFORMED = "_ws.malformed || _ws.expert.severity >= 0x400000"  # note and above (epan/proto.h)


@pytest.fixture
def network(access_network):
    access_network.radvd()
    return access_network


def tshark(file, expression, *fields):
    """These fields of the node's packets that a display filter selects: a line for each packet, tabs between."""
    chosen = [word for field in fields for word in ("-e", field)]
    with file.open("rb") as captured:
        return subprocess.run(
            ["tshark", "-r", "-", "-Y", f"eth.src == {HARDWARE_ADDRESS} && ({expression})", "-T", "fields", *chosen],
            stdin=captured, check=True, text=True, capture_output=True).stdout.splitlines()


def life_of_a_lease(host, capture, server):
    """From Solicit to Release, with what a restart and the time of renewal bring."""
    sock, _ = host.socket_with_address()
    with host.daemon_away():
        pass
    for kind in (Kind.REBIND, Kind.RENEW):
        wait_until(lambda: kind in capture.kinds, f"the node sends a {kind.name}")
    sock.close()
    wait_until(lambda: server.count(Kind.RELEASE), "and a Release")


@pytest.mark.parametrize("keys", [
    pytest.param({"Convey": "user-class"}, id="user class"),
    pytest.param({"Convey": "continuity-option", "ContinuityOptionCode": CONTINUITY_OPTION}, id="continuity option"),
    pytest.param({"Convey": "none"}, id="no type"),
    pytest.param({"Place": "interface"}, id="single address"),
])
def test_tshark_reads_all_that_we_send(network, configured_host, capture, tmp_path, keys):
    prefix = {"prefix": "2001:db8:1::77/128"} if "Place" in keys else {}
    server = network.fake_dhcpv6_server(rapid_commit=False, preference=255, renew=1, rebind=30, **prefix)
    host = configured_host(configuration_with(network_source("dhcpv6", "session-lasting", **keys),
                                              network_source("ra", "non-persistent")))
    life_of_a_lease(host, capture, server)
    capture.write(tmp_path / "life.pcap")
    sent = tshark(tmp_path / "life.pcap", "dhcpv6", "dhcpv6.msgtype", "dhcpv6.option.type")
    kinds = {Kind(int(line.split("\t")[0])) for line in sent}
    assert kinds == {Kind.SOLICIT, Kind.REQUEST, Kind.REBIND, Kind.RENEW, Kind.RELEASE}
    # An option that is cut off is no error to tshark: it leaves it out.
    assert [line.split("\t")[1] for line in sent] == [",".join(map(str, message.codes)) for message in capture.asked]
    assert tshark(tmp_path / "life.pcap", MALFORMED, "_ws.expert.message") == []


def test_tshark_does_complain(network, capture, tmp_path):
    """So that its silence above says something: a Solicit whose elapsed time has one octet."""
    malformed = Message(Kind.SOLICIT, b"\1\2\3", Options([(Code.ELAPSED_TIME, b"\0")]))
    with network.mn, socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.bind(("::", CLIENT_PORT))
        sock.sendto(bytes(malformed), (ALL_SERVERS, SERVER_PORT, 0, socket.if_nametoindex("up0")))
    wait_until(lambda: capture.asked == [malformed], "the packet is captured")
    capture.write(tmp_path / "broken.pcap")
    assert tshark(tmp_path / "broken.pcap", MALFORMED, "_ws.expert.message") == ["ELAPSED-TIME: malformed option"]
