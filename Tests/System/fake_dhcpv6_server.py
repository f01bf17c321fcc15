"""A DHCPv6 server that does as a test says: by default it is a good one, with rapid commit."""

import ipaddress
import socket
import time

from delegation import POOLS
from dhcpv6 import ALL_SERVERS, CLIENT_PORT, SERVER_PORT, Association, Code, Kind, Leased, Message, Options
from station import Station, join

PREFIX_GIVEN = next(POOLS["session-lasting"].subnets(new_prefix=64))
IDENTIFIER = b"\0\x03\0\x01\x02\0\0\0\x0d\x02"  # DUID-LL of Ethernet
#: What it answers with, if it answers.
ANSWERS = {Kind.SOLICIT: Kind.ADVERTISE, Kind.REQUEST: Kind.REPLY, Kind.RENEW: Kind.REPLY, Kind.REBIND: Kind.REPLY,
           Kind.RELEASE: Kind.REPLY, Kind.DECLINE: Kind.REPLY, Kind.CONFIRM: Kind.REPLY}
ABOUT_A_LEASE = (Kind.SOLICIT, Kind.REQUEST, Kind.RENEW, Kind.REBIND)


class FakeDhcpv6Server(Station):
    """Gives one prefix (or address) to everybody. What is to be different is a keyword argument or, for a single
    message, `tamper`: a function that is given the question and the good answer, and returns what is sent instead:
    a message, any octets, or None for silence."""

    def __init__(self, namespace, *, interface="mn0", prefix=PREFIX_GIVEN, preferred=300, valid=600, renew=150,
                 rebind=300, lease_options=Options(), status=None, rapid_commit=True, preference=None,
                 identifier=IDENTIFIER, tamper=lambda question, answer: answer):
        with namespace:
            endpoint = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            index = socket.if_nametoindex(interface)
        super().__init__(endpoint)
        # Several may listen on one link, as in a network with several servers.
        endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        endpoint.bind(("::", SERVER_PORT))
        join(endpoint, ALL_SERVERS, index)
        self.prefix = ipaddress.IPv6Network(prefix)
        self.preferred, self.valid, self.renew, self.rebind = preferred, valid, renew, rebind
        self.lease_options, self.status = lease_options, status
        self.rapid_commit, self.preference = rapid_commit, preference
        self.identifier, self.tamper = identifier, tamper
        #: Questions as they came, and when (time.monotonic).
        self.heard, self.times = [], []

    def hear(self, octets, sender):
        assert sender[1] == CLIENT_PORT, sender
        question = Message.parse(octets)
        self.times.append(time.monotonic())
        self.heard.append(question)
        answer = self.tamper(question, self.answer(question))
        if answer is not None:
            self.socket.sendto(bytes(answer), sender)

    def times_of(self, kind):
        """When it was asked this."""
        return [heard_at for heard_at, question in zip(self.times, self.heard) if question.kind == kind]

    def count(self, kind):
        return len(self.times_of(kind))

    # The good answer

    def answer(self, question):
        """None if the question is for another server (RFC 8415, section 16)."""
        if question.options.one(Code.SERVER_ID) not in (None, self.identifier):
            return None
        kind, options = ANSWERS[question.kind], [(Code.CLIENT_ID, question.options.one(Code.CLIENT_ID)),
                                                 (Code.SERVER_ID, self.identifier)]
        if self.rapid_commit and question.kind == Kind.SOLICIT and question.options.one(Code.RAPID_COMMIT) == b"":
            kind = Kind.REPLY
            options.append((Code.RAPID_COMMIT, b""))
        if self.preference is not None:
            options.append((Code.PREFERENCE, bytes([self.preference])))
        if question.kind in ABOUT_A_LEASE:
            options += [self.lease(association).encoded() for association in question.associations]
        return Message(kind, question.transaction, Options(options))

    def lease(self, association):
        """The association with what the client is given."""
        if self.status is not None:
            return Association(association.code, association.iaid, status=self.status)
        leased = Leased(self.prefix, self.preferred, self.valid, self.lease_options)
        return Association(association.code, association.iaid, self.renew, self.rebind, (leased,))
