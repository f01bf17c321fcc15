"""ISC dhcrelay on the access router: the DHCPv6 server is not on the link."""

from network import SERVER
from server_program import ServerProgram


class DhcpRelay(ServerProgram):
    program = "dhcrelay"
    ready = "Sending on"

    @property
    def arguments(self):
        return ["-6", "-d", "--no-pid", "-l", "mn0", "-u", f"{SERVER}%cn0"]
