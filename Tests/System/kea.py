"""Kea, a DHCPv6 server that chooses among its pools by client class."""

import json

from delegation import ACCESS_LINK, ADDRESSES, CODES, CONTINUITY_OPTION, DELEGATED_LENGTH, POOLS, TYPES
from server_program import ServerProgram

VALID_SECONDS = 600


class Kea(ServerProgram):
    """Delegates prefixes of the types that it is said to have, and single addresses of the link.

    A client names its type in every message, by User Class or in an option of code CONTINUITY_OPTION."""

    program = "kea-dhcp6"
    ready = "DHCP6_STARTED"

    def __init__(self, namespace, directory, *interfaces, types=TYPES, valid=VALID_SECONDS, relayed=False,
                 other_links=()):
        super().__init__(namespace, directory)
        self._configuration_file = self.directory / "kea.json"
        subnet = {"id": 1, "subnet": str(ACCESS_LINK), "rapid-commit": True, "pools": [address_pool()],
                  "pd-pools": [prefix_pool(type) for type in types]}
        if not relayed:
            subnet["interface"] = interfaces[0]
        # Of one network: what was given on one link is good on the others.
        others = [{"id": 2 + number, "subnet": str(link), "rapid-commit": True}
                  for number, link in enumerate(other_links)]
        self._configuration_file.write_text(json.dumps({"Dhcp6": {
            "interfaces-config": {"interfaces": [*interfaces]},
            "lease-database": {"type": "memfile", "persist": True, "name": str(self.directory / "leases.csv"),
                               "lfc-interval": 0},
            "server-id": {"type": "EN", "enterprise-id": 32473, "identifier": "0A01", "persist": False},
            "valid-lifetime": valid, "preferred-lifetime": valid // 2, "renew-timer": valid // 4,
            "rebind-timer": valid // 2,
            "option-def": [{"name": "continuity", "code": CONTINUITY_OPTION, "space": "dhcp6", "type": "uint8"}],
            "client-classes": [{"name": type, "test": names(type)} for type in TYPES],
            "shared-networks": [{"name": "access", "subnet6": [subnet, *others]}],
            "loggers": [{"name": "kea-dhcp6", "severity": "INFO", "output_options": [{"output": "stdout"}]}],
        }}))

    @property
    def arguments(self):
        return ["-c", str(self._configuration_file)]

    @property
    def environment(self):
        return {name: str(self.directory) for name in
                ("KEA_PIDFILE_DIR", "KEA_LOCKFILE_DIR", "KEA_DHCP_DATA_DIR", "KEA_LOG_FILE_DIR")}

    @property
    def prefixes(self):
        """Prefixes that are leased now: the last line of each in the lease file counts."""
        valid = {}
        for line in (self.directory / "leases.csv").read_text().splitlines()[1:]:
            prefix, _, lifetime = line.split(",")[:3]
            valid[prefix] = int(lifetime)
        return {prefix for prefix, lifetime in valid.items() if lifetime > 0}


def names(type):
    """Kea's expression for a message that names this type. A user class has two octets of length before it."""
    return (f"substring(option[15].hex, 2, all) == 'odm-{type}'"
            f" or option[{CONTINUITY_OPTION}].hex == 0x{CODES[type]:02x}")


def prefix_pool(type):
    pool = POOLS[type]
    return {"prefix": str(pool.network_address), "prefix-len": pool.prefixlen, "delegated-len": DELEGATED_LENGTH,
            "client-class": type}


def address_pool():
    first, last = ADDRESSES
    return {"pool": f"{first}-{last}"}
