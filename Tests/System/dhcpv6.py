"""DHCPv6 messages ⇄ octets (RFC 8415, sections 8 and 21), as the tests' server speaks and reads them."""

import ipaddress
import struct
from dataclasses import dataclass, replace
from enum import IntEnum

CLIENT_PORT, SERVER_PORT = 546, 547
ALL_SERVERS = "ff02::1:2"
INFINITY = 0xFFFFFFFF


class Kind(IntEnum):
    SOLICIT, ADVERTISE, REQUEST, CONFIRM, RENEW, REBIND, REPLY, RELEASE, DECLINE = range(1, 10)


class Code(IntEnum):
    CLIENT_ID, SERVER_ID, IA_NA = 1, 2, 3
    IA_ADDRESS, OPTION_REQUEST, PREFERENCE, ELAPSED_TIME = 5, 6, 7, 8
    STATUS, RAPID_COMMIT, USER_CLASS = 13, 14, 15
    IA_PD, IA_PREFIX = 25, 26


class Status(IntEnum):
    SUCCESS, UNSPEC_FAIL, NO_ADDRS_AVAIL, NO_BINDING, NOT_ON_LINK, USE_MULTICAST, NO_PREFIX_AVAIL = range(7)


#: How many octets of fields an option has before the options within it.
OPTIONS_AT = {Code.IA_NA: 12, Code.IA_PD: 12, Code.IA_ADDRESS: 24, Code.IA_PREFIX: 25}


class Options(tuple):
    """Pairs of a code and its octets, in the order of the message."""

    @classmethod
    def parse(cls, octets):
        """Raises if an option ends beyond the octets."""
        found, rest = [], octets
        while rest:
            code, length = struct.unpack_from("!HH", rest)
            assert len(rest) >= 4 + length, f"option {code} of {length} octets is cut off"
            found.append((code, rest[4:4 + length]))
            rest = rest[4 + length:]
        return cls(found)

    def __bytes__(self):
        return b"".join(struct.pack("!HH", code, len(octets)) + octets for code, octets in self)

    def all(self, code):
        return [octets for found, octets in self if found == code]

    def one(self, code):
        """The octets of the only option of this code; None if there is none."""
        found = self.all(code)
        assert len(found) <= 1, f"{len(found)} options {code}"
        return found[0] if found else None


@dataclass(frozen=True)
class Leased:
    """A prefix (IA Prefix option), or an address (IA Address option) if its length is 128 in an IA_NA."""

    prefix: ipaddress.IPv6Network
    preferred: int
    valid: int
    options: Options = Options()

    @classmethod
    def parse(cls, code, octets):
        if code == Code.IA_ADDRESS:
            network, preferred, valid = struct.unpack_from("!16sII", octets)
            return cls(ipaddress.IPv6Network(network), preferred, valid, Options.parse(octets[OPTIONS_AT[code]:]))
        preferred, valid, length, network = struct.unpack_from("!IIB16s", octets)
        return cls(ipaddress.IPv6Network((network, length)), preferred, valid, Options.parse(octets[OPTIONS_AT[code]:]))

    def encoded(self, association):
        """The option as it stands in an association of this code."""
        network = self.prefix.network_address.packed
        if association == Code.IA_NA:
            return Code.IA_ADDRESS, struct.pack("!16sII", network, self.preferred, self.valid) + bytes(self.options)
        fields = struct.pack("!IIB16s", self.preferred, self.valid, self.prefix.prefixlen, network)
        return Code.IA_PREFIX, fields + bytes(self.options)


@dataclass(frozen=True)
class Association:
    """An IA_PD or IA_NA option."""

    code: Code
    iaid: bytes
    renew: int = 0
    rebind: int = 0
    leased: tuple = ()
    status: Status | None = None

    @classmethod
    def parse(cls, code, octets):
        iaid, renew, rebind = struct.unpack_from("!4sII", octets)
        options = Options.parse(octets[OPTIONS_AT[code]:])
        leased = tuple(Leased.parse(found, content) for found, content in options
                       if found in (Code.IA_PREFIX, Code.IA_ADDRESS))
        return cls(Code(code), iaid, renew, rebind, leased, status_in(options))

    def encoded(self):
        options = [leased.encoded(self.code) for leased in self.leased]
        if self.status is not None:
            options.append(status_option(self.status))
        return self.code, struct.pack("!4sII", self.iaid, self.renew, self.rebind) + bytes(Options(options))


@dataclass(frozen=True)
class Message:
    kind: Kind
    transaction: bytes
    options: Options

    @classmethod
    def parse(cls, octets):
        return cls(Kind(octets[0]), octets[1:4], Options.parse(octets[4:]))

    def __bytes__(self):
        return bytes([self.kind]) + self.transaction + bytes(self.options)

    def __str__(self):
        return f"{self.kind.name} {self.transaction.hex()} {self.user_class or ''} {self.associations}"

    @property
    def associations(self):
        return [Association.parse(code, octets) for code, octets in self.options
                if code in (Code.IA_PD, Code.IA_NA)]

    @property
    def prefixes(self):
        """What it is about, whichever association it is in."""
        return [leased.prefix for association in self.associations for leased in association.leased]

    @property
    def codes(self):
        """Of all options, those within others after the one that they are in."""
        return list(codes_in(self.options))

    @property
    def user_class(self):
        """The only class of the User Class option, which has two octets of length before it."""
        octets = self.options.one(Code.USER_CLASS)
        if octets is None:
            return None
        (length,) = struct.unpack_from("!H", octets)
        assert length == len(octets) - 2, f"one user class: {octets.hex()}"
        return octets[2:].decode()

    @property
    def asks_for(self):
        """The codes of the Option Request option."""
        octets = self.options.one(Code.OPTION_REQUEST) or b""
        return list(struct.unpack(f"!{len(octets) // 2}H", octets))

    def with_transaction(self, transaction):
        return replace(self, transaction=transaction)

    def without(self, code):
        return replace(self, options=Options(option for option in self.options if option[0] != code))

    def with_option(self, code, octets):
        """With this in place of what it has of the code."""
        return replace(self, options=Options([*self.without(code).options, (code, octets)]))


def codes_in(options):
    for code, octets in options:
        yield int(code)
        yield from codes_in(Options.parse(octets[OPTIONS_AT[code]:]) if code in OPTIONS_AT else ())


def status_option(status, text=""):
    return Code.STATUS, struct.pack("!H", status) + text.encode()


def status_in(options):
    octets = options.one(Code.STATUS)
    return None if octets is None else Status(struct.unpack_from("!H", octets)[0])
