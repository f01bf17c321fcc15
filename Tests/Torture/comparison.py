"""The ledger against the kernel: what is lost, and what is left over."""

import ipaddress
import time

from netlink import (OURS, OWNER, RTM_DELADDR, RTM_NEWADDR, RTMGRP_IPV6_IFADDR, RTN_LOCAL, TABLE_LOCAL, RouteSocket,
                     address_in)

NOTICE_BUFFER_OCTETS = 64 << 20
# TIME-WAIT keeps an address for 3 s, and a socket in doubt is looked at every 5 s.
SETTLING_SECONDS = 12


class Comparison:
    def __init__(self, namespace, ledger, routed):
        """`routed` is the prefix whose addresses are nowhere configured but routed here."""
        self.ledger, self.routed = ledger, routed
        with namespace:
            self.monitor = RouteSocket(RTMGRP_IPV6_IFADDR, NOTICE_BUFFER_OCTETS)
            self.kernel = RouteSocket(buffer_octets=NOTICE_BUFFER_OCTETS)
        self.made = set()  # every address that was ever there
        self.checks = 0
        self._before = {}
        self._told = set()

    def close(self):
        self.monitor.close(), self.kernel.close()

    def configured(self):
        """Addresses with the daemon's mark."""
        return {address.text for address in self.kernel.addresses() if address.owner in OURS}

    def is_routed(self, address):
        return ipaddress.ip_address(address) in self.routed

    def lost(self):
        """Lines about sockets whose address is not there, or was not there for a moment since the last time.

        An entry that reads the same before and after was open all the time."""
        self.checks += 1
        before = self.ledger.entries()
        removed = self._removed()
        there, routes = self.configured(), self._local_prefixes()
        after = self.ledger.entries()
        lines = [self._line(entry, "has been removed for a moment") for entry in self._same(self._before, after)
                 if entry.address in removed]
        lines += [self._line(entry, "is not there") for entry in self._same(before, after)
                  if not (self._is_within(entry, routes) if self.is_routed(entry.address)
                          else entry.address in there)]
        self._before = before
        return [line for line in lines if line]

    def _same(self, before, after):
        return [entry for slot, entry in before.items() if after.get(slot) == entry and self._counts(entry)]

    def _counts(self, entry):
        return entry.is_bound or not self.ledger.records_are_damaged

    def _line(self, entry, what):
        if entry.generation in self._told:
            return None
        self._told.add(entry.generation)
        return (f"{entry.address} {what}: {entry.kind}, {'bound' if entry.is_bound else 'not bound'}, "
                f"cookie {entry.cookie:x}, held by process {entry.holder}")

    def _removed(self):
        removed = set()
        for kind, body in self.monitor.notices():
            if kind not in (RTM_NEWADDR, RTM_DELADDR):
                continue
            address = address_in(body)
            if address.owner in OURS:
                self.made.add(address.text)
                if kind == RTM_DELADDR:
                    removed.add(address.text)
        return removed

    def _local_prefixes(self):
        return {route.destination for route in self.kernel.own_routes()
                if route.type == RTN_LOCAL and route.table == TABLE_LOCAL}

    def _is_within(self, entry, routes):
        return any(ipaddress.ip_address(entry.address) in ipaddress.ip_network(route) for route in routes)

    # Left over

    def leaked(self):
        """What is still there without a user when everything stands still, after the time that it may take."""
        deadline = time.monotonic() + SETTLING_SECONDS
        while time.monotonic() < deadline:
            left = self._left_over()
            if not left:
                return []
            time.sleep(0.05)
        return left

    def _left_over(self):
        there = self.configured()
        used = {entry.address for entry in self.ledger.entries().values()}
        left = [f"{address} has no user" for address in sorted(there - used)]
        ours, rules = self.kernel.own_routes(), self.kernel.rules()
        if len(ours) != len(set(ours)):
            left.append(f"a route is there twice: {ours}")
        if not used:
            left += [f"{route} is left" for route in ours] + ["a rule is left"] * rules.count(OWNER)
        if not any(self.is_routed(address) for address in used):
            left += [f"{route} is left" for route in ours
                     if route.table == TABLE_LOCAL and ipaddress.ip_network(route.destination) == self.routed]
        return left
