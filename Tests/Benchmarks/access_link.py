"""A link with a DHCPv6 server on it: Kea, on a bridge in a namespace of its own, and hosts that are attached."""

import subprocess
import sys
from pathlib import Path

from servers import REPOSITORY, on_processors

# The servers of the system tests.
sys.path.append(str(REPOSITORY / "Tests/System"))

from delegation import POOLS  # noqa: E402
from kea import Kea  # noqa: E402
from namespaces import Namespace  # noqa: E402

TYPE = "session-lasting"
#: What a client names the type by (User Class).
USER_CLASS = f"odm-{TYPE}"
#: Where the prefixes of the type are from.
POOL = POOLS[TYPE]
UPLINK = "up0"


class AccessLink:
    """The server's side of it. A host sees it as the interface UPLINK."""

    def __init__(self, directory: Path, processors: set[int]) -> None:
        self.processors = processors
        self.namespace = Namespace()
        # One address: Kea answers once for each that it has.
        self.namespace.ip("""
            link add br0 type bridge mcast_snooping 0
            link set br0 addrgenmode none
            link set br0 up
            addr add fe80::1/64 dev br0 nodad
            """)
        self.hosts = 0
        self.server = Kea(self.namespace, directory / "kea", "br0", types=[TYPE])

    def __enter__(self):
        with on_processors(self.processors):
            self.server.start()
        return self

    def __exit__(self, *_) -> None:
        self.server.close()
        self.namespace.close()

    def attach(self, network: str) -> None:
        """Puts the interface into a network namespace (a path), ready to be used."""
        self.hosts += 1
        self.namespace.ip(f"""
            link add port{self.hosts} type veth peer name {UPLINK} netns {network}
            link set port{self.hosts} master br0 up
            """)
        ready = f"""
            link set {UPLINK} addrgenmode none
            link set {UPLINK} up
            addr add fe80::{self.hosts + 1}/64 dev {UPLINK} nodad
            """
        inside = ["nsenter", f"--net={network}", "ip", "-6", "-batch", "-"]
        subprocess.run(inside, input=ready, text=True, check=True)
