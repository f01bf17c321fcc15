"""BPF maps that are pinned, by bpf(2) and mmap(2): what is in them, and what the programs report."""

import ctypes
import mmap
import os
import platform
import struct
from dataclasses import dataclass
from ipaddress import IPv6Address

libc = ctypes.CDLL(None, use_errno=True)
SYS_BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM, BPF_OBJ_GET = 1, 2, 3, 7

CLOSED, GIVEN = 1, 2
#: As in odm_hooks.h.
TRACKED_PLACES = 1 << 17
TRACKED_ANY = (1 << 64) - 1
REPORTS_OCTETS = 1 << 23


def bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    result = libc.syscall(SYS_BPF, command, buffer, len(attributes))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"bpf: {os.strerror(ctypes.get_errno())}")
    return result


class PinnedMap:
    def __init__(self, path):
        name = ctypes.create_string_buffer(os.fsencode(path))
        self.descriptor = bpf(BPF_OBJ_GET, struct.pack("=QII", ctypes.addressof(name), 0, 0))

    def close(self):
        os.close(self.descriptor)

    def update(self, key, value):
        keys, values = ctypes.create_string_buffer(key, len(key)), ctypes.create_string_buffer(value, len(value))
        bpf(BPF_MAP_UPDATE_ELEM, struct.pack("=IxxxxQQQ", self.descriptor, ctypes.addressof(keys),
                                             ctypes.addressof(values), 0))

    def delete(self, key):
        keys = ctypes.create_string_buffer(key, len(key))
        bpf(BPF_MAP_DELETE_ELEM, struct.pack("=IxxxxQQQ", self.descriptor, ctypes.addressof(keys), 0, 0))

    def lookup(self, key, octets):
        keys, values = ctypes.create_string_buffer(key, len(key)), ctypes.create_string_buffer(octets)
        bpf(BPF_MAP_LOOKUP_ELEM, struct.pack("=IxxxxQQQ", self.descriptor, ctypes.addressof(keys),
                                             ctypes.addressof(values), 0))
        return values.raw


class State(PinnedMap):
    """struct odm_hooks_state: version, assignments, lost, network."""

    def __init__(self, path):
        super().__init__(path)
        self.memory = mmap.mmap(self.descriptor, mmap.PAGESIZE)

    def close(self):
        self.memory.close()
        super().close()

    @property
    def fields(self):
        return struct.unpack_from("=IIQ", self.memory)

    @property
    def lost(self):
        return self.fields[2]

    def set_assignments(self, count):
        struct.pack_into("=I", self.memory, 4, count)

    def set_network(self, cookie):
        struct.pack_into("=Q", self.memory, 16, cookie)


class Tracked(PinnedMap):
    """struct odm_tracked: a cookie at each place."""

    def __init__(self, path):
        super().__init__(path)
        self.memory = mmap.mmap(self.descriptor, 8 * TRACKED_PLACES)

    def close(self):
        self.memory.close()
        super().close()

    def __getitem__(self, cookie):
        return struct.unpack_from("=Q", self.memory, cookie % TRACKED_PLACES * 8)[0]

    def __setitem__(self, cookie, value):
        struct.pack_into("=Q", self.memory, cookie % TRACKED_PLACES * 8, value)


@dataclass
class Report:
    kind: int
    type: int
    cookie: int
    address: IPv6Address | None = None
    user: int | None = None
    process: int | None = None
    protocol: int | None = None
    inode: int | None = None

    @classmethod
    def decode(cls, octets):
        report = cls(*struct.unpack_from("=IIQ", octets))
        if report.kind == CLOSED:
            assert len(octets) == 16
            return report
        address, report.user, report.process, report.protocol, report.inode = struct.unpack("=16sIIII", octets[16:])
        report.address = IPv6Address(address)
        return report


class Reports(PinnedMap):
    """The ring buffer: a page with the reader's position, one with the writer's, and the octets, twice in a row."""

    BUSY, DISCARDED = 1 << 31, 1 << 30

    def __init__(self, path):
        super().__init__(path)
        self.reader = mmap.mmap(self.descriptor, mmap.PAGESIZE)
        self.writer = mmap.mmap(self.descriptor, mmap.PAGESIZE + 2 * REPORTS_OCTETS, prot=mmap.PROT_READ,
                                offset=mmap.PAGESIZE)

    def close(self):
        self.reader.close()
        self.writer.close()
        super().close()

    def position(self, memory):
        return struct.unpack_from("=Q", memory)[0]

    def take(self):
        """What has been reported since the last time."""
        found, at = [], self.position(self.reader)
        while at < self.position(self.writer):
            start = mmap.PAGESIZE + at % REPORTS_OCTETS
            length = struct.unpack_from("=I", self.writer, start)[0]
            assert not length & self.BUSY
            octets = length & ~self.DISCARDED
            if not length & self.DISCARDED:
                found.append(Report.decode(self.writer[start + 8:start + 8 + octets]))
            at += 8 + (octets + 7) // 8 * 8
        struct.pack_into("=Q", self.reader, 0, at)
        return found
