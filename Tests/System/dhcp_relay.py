"""ISC dhcrelay on the access router: the DHCPv6 server is not on the link."""

from network import SERVER
from server_program import ServerProgram


class DhcpRelay(ServerProgram):
    """Between the node's link and the server, which is reached by an interface."""

    program = "dhcrelay"
    ready = "Sending on"

    def __init__(self, namespace, directory, server=SERVER, interface="cn0"):
        super().__init__(namespace, directory)
        self.server, self.interface = server, interface

    @property
    def arguments(self):
        return ["-6", "-d", "--no-pid", "-l", "mn0", "-u", f"{self.server}%{self.interface}"]
