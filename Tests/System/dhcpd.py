"""ISC dhcpd, a DHCPv6 server with other habits than Kea: it leaves T1 and T2 to the client, and
commits to nothing rapidly."""

from delegation import ACCESS_LINK, ADDRESSES, DELEGATED_LENGTH, POOLS
from server_program import ServerProgram


class Dhcpd(ServerProgram):
    """Delegates a prefix of the type that the client's User Class names, and single addresses to everybody."""

    program = "dhcpd"
    ready = "Server starting service."

    def __init__(self, namespace, directory, preference=None):
        super().__init__(namespace, directory)
        self._configuration_file = self.directory / "dhcpd.conf"
        self._lease_file = self.directory / "leases"
        self._lease_file.touch()
        first, last = ADDRESSES
        self._configuration_file.write_text("\n".join([
            "default-lease-time 600;",
            "option dhcp6.user-class code 15 = string;",
            f"option dhcp6.preference {preference};" if preference is not None else "",
            "server-duid LLT ethernet 1 02:00:00:00:0d:01;",
            *map(class_of, POOLS),
            f"subnet6 {ACCESS_LINK} {{", f"range6 {first} {last};", *map(pool_of, POOLS), "}",
        ]))

    @property
    def arguments(self):
        return ["-6", "-f", "-d", "--no-pid", "-cf", str(self._configuration_file), "-lf", str(self._lease_file),
                "mn0"]


def class_of(type):
    """A user class has two octets of length before it."""
    name = f"odm-{type}"
    return f'class "{type}" {{ match if substring(option dhcp6.user-class, 2, {len(name)}) = "{name}"; }}'


def pool_of(type):
    *_, last = POOLS[type].subnets(new_prefix=DELEGATED_LENGTH)
    return (f'pool6 {{ allow members of "{type}"; '
            f"prefix6 {POOLS[type].network_address} {last.network_address} /{DELEGATED_LENGTH}; }}")
