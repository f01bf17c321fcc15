"""The truth: which socket of which process holds which address. A file that all processes of a run have mapped.

A slot is written after a grant was received and cleared before its socket is closed. So a slot that reads the same
before and after a look at the kernel stands for a socket that was open all the time in between, and nobody has to be
stopped for the comparison."""

import ipaddress
import mmap
import os
import struct
from dataclasses import dataclass

# What sockets are, in the order of the counters.
KINDS = ["tcp", "udp", "unbound tcp", "unbound udp", "listening", "accepted", "connected tcp", "connected udp",
         "raw", "ping", "udp-lite", "mptcp", "duplicated", "forked", "passed"]
COUNTERS = KINDS + ["granted", "refused", "unanswered", "probes", "remembered"]
SLOTS = 128  # of one process

_HEADER = struct.Struct("=???xi")  # is paused, is ending, records were damaged, the harness's process
_COUNTER = struct.Struct("=Q")
_SLOT = struct.Struct("=?B??iQ16sQ")  # open, kind, bound, asked, holder, generation, address, cookie
_REGION = len(COUNTERS) * _COUNTER.size + SLOTS * _SLOT.size


@dataclass(frozen=True)
class Entry:
    """An open socket."""
    kind: str
    is_bound: bool
    has_asked: bool
    holder: int
    generation: int
    address: str
    cookie: int


class Ledger:
    def __init__(self, path, regions=None):
        """The ledger of a run; made when the number of regions, one for each process that opens sockets, is given."""
        if regions is not None:
            with open(path, "wb") as file:
                file.write(_HEADER.pack(False, False, False, os.getpid()))
                file.truncate(_HEADER.size + regions * _REGION)
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        (*_, self._harness) = _HEADER.unpack_from(self._map)
        self.regions = (len(self._map) - _HEADER.size) // _REGION

    # What the harness tells everybody

    @property
    def is_paused(self):
        return self._map[0] != 0

    @is_paused.setter
    def is_paused(self, value):
        self._map[0] = value

    @property
    def is_ending(self):
        return self._map[1] != 0 or not os.path.exists(f"/proc/{self._harness}")

    @is_ending.setter
    def is_ending(self, value):
        self._map[1] = value

    @property
    def records_are_damaged(self):
        return self._map[2] != 0

    @records_are_damaged.setter
    def records_are_damaged(self, value):
        self._map[2] = value

    # Counters, each written by one process

    def count(self, region, name):
        offset = _HEADER.size + region * _REGION + COUNTERS.index(name) * _COUNTER.size
        (value,) = _COUNTER.unpack_from(self._map, offset)
        _COUNTER.pack_into(self._map, offset, value + 1)

    def total(self, name):
        offset = COUNTERS.index(name) * _COUNTER.size
        return sum(_COUNTER.unpack_from(self._map, _HEADER.size + region * _REGION + offset)[0]
                   for region in range(self.regions))

    # Slots

    def _offset(self, slot):
        region, index = divmod(slot, SLOTS)
        return _HEADER.size + region * _REGION + len(COUNTERS) * _COUNTER.size + index * _SLOT.size

    def free_slot(self, region):
        """A slot of the region that nobody uses, or None."""
        for slot in range(region * SLOTS, (region + 1) * SLOTS):
            if self._map[self._offset(slot)] == 0:
                return slot
        return None

    def write(self, slot, entry):
        octets = _SLOT.pack(True, KINDS.index(entry.kind), entry.is_bound, entry.has_asked, entry.holder,
                            entry.generation, ipaddress.IPv6Address(entry.address).packed, entry.cookie)
        offset = self._offset(slot)
        self._map[offset + 1:offset + len(octets)] = octets[1:]
        self._map[offset] = 1

    def set_holder(self, slot, process):
        """Who clears the entry from now on; an entry that was cleared stays so."""
        struct.pack_into("=i", self._map, self._offset(slot) + 4, process)

    def clear(self, slot):
        self._map[self._offset(slot)] = 0

    def read(self, slot):
        is_open, kind, bound, asked, holder, generation, address, cookie = \
            _SLOT.unpack_from(self._map, self._offset(slot))
        if not is_open:
            return None
        return Entry(KINDS[kind], bound, asked, holder, generation, str(ipaddress.IPv6Address(address)), cookie)

    def entries(self):
        """Each open socket by its slot."""
        octets, found = self._map[:], {}
        for slot in range(self.regions * SLOTS):
            if octets[self._offset(slot)]:
                entry = self.read(slot)
                if entry is not None:
                    found[slot] = entry
        return found

    def forget_process(self, process):
        """Clears the slots of a process that is about to be killed and cannot do so itself."""
        for slot, entry in self.entries().items():
            if entry.holder == process:
                self.clear(slot)


def new_generation():
    """A number that no other entry has."""
    return struct.unpack("=Q", os.urandom(8))[0]
