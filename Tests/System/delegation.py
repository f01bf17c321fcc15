"""What the DHCPv6 servers of the tests give: prefixes of each continuity type, so that a prefix tells its type."""

import ipaddress

from network import PREFIX

#: In the order of their codes on the wire, from 1 (draft-moses-dmm-dhcp-ondemand-mobility-11).
TYPES = ("non-persistent", "session-lasting", "fixed", "graceful-replacement")
#: What the C interface calls them, in another order.
NUMBERS = {"fixed": 1, "session-lasting": 2, "non-persistent": 3, "graceful-replacement": 4}
CODES = {type: code for code, type in enumerate(TYPES, start=1)}
#: The access router routes all of them to the node.
POOLS = dict(zip(TYPES, PREFIX.subnets(new_prefix=58)))
DELEGATED_LENGTH = 64
#: Single addresses of the access link, for IA_NA.
ADDRESSES = ipaddress.IPv6Address("2001:db8:1::1000"), ipaddress.IPv6Address("2001:db8:1::1fff")
ACCESS_LINK = ipaddress.IPv6Network("2001:db8:1::/64")
CONTINUITY_OPTION = 65001


def type_of(address):
    """The type whose pool an address is from."""
    (type,) = [type for type, pool in POOLS.items() if ipaddress.IPv6Address(address) in pool]
    return type
