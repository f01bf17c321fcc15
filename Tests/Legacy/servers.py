"""Debian's programs as servers on the host. Each starts itself with a type and waits at the wildcard, as it always
does; then a client of the correspondent connects to the address that it has got."""

import sys

from clients import HELPERS
from lab import UNPACKED, wait_until
from sshd import Sshd


class Server:
    name = ""
    port = 0

    def __init__(self, lab):
        self.lab = lab

    def start(self, wishes):
        """The program, when it listens, and where."""
        program = self.lab.here(*self.command(), wishes=wishes)
        return program, self.listening_at(program)

    def listening_at(self, program):
        """The address of the socket that listens at the port."""
        def addresses():
            return self.lab.listening_at(self.lab.network.mn, self.port)
        wait_until(lambda: addresses() or program.process.poll() is not None, f"{self.name} listens")
        assert addresses(), program.said
        return addresses()[0]

    def command(self):
        raise NotImplementedError

    def connect(self, address):
        """A client that goes on."""
        raise NotImplementedError


class Nginx(Server):
    name = "nginx"
    port = 8090

    def command(self):
        page = self.lab.directory / "page"
        page.write_bytes(b"." * 63 + b"\n" * (1 << 20))
        configuration = self.lab.directory / "nginx.conf"
        configuration.write_text(f"""
            daemon off; master_process off; error_log stderr; pid {self.lab.directory}/nginx.pid;
            events {{}}
            http {{
                access_log off;
                client_body_temp_path {self.lab.directory}/body; proxy_temp_path {self.lab.directory}/proxy;
                fastcgi_temp_path {self.lab.directory}/fastcgi; uwsgi_temp_path {self.lab.directory}/uwsgi;
                scgi_temp_path {self.lab.directory}/scgi;
                server {{ listen [::]:{self.port}; root {self.lab.directory}; limit_rate 4k; }}
            }}""")
        return [f"{UNPACKED}/usr/sbin/nginx", "-e", "stderr", "-c", configuration]

    def connect(self, address):
        return self.lab.elsewhere("curl", "--silent", "--no-buffer", f"http://[{address}]:{self.port}/page")


class SshServer(Server):
    name = "sshd"
    port = 2224

    def command(self):
        self.ssh = Sshd(self.lab, "server")
        return self.ssh.command(None, self.port)

    def connect(self, address):
        script = "while sleep 0.05; do echo line; done"
        return self.lab.elsewhere(*self.ssh.client(address, self.port), script)


class IperfServer(Server):
    name = "iperf3 --server"
    port = 5202

    def command(self):
        return ["iperf3", "--server", "--port", self.port, "--forceflush"]

    def connect(self, address):
        return self.lab.elsewhere("iperf3", "--client", address, "--port", self.port, "--time", 60, "--interval", 0.2,
                                  "--bitrate", "1M", "--forceflush")


class RedisServer(Server):
    name = "redis-server"
    port = 6390

    def command(self):
        link = self.lab.directory / "redis-server"  # the same program by another name, as in its package
        if not link.exists():
            link.symlink_to("/usr/bin/redis-check-rdb")
        return [link, "--port", self.port, "--bind", "::", "--protected-mode", "no", "--save", "", "--dir",
                self.lab.directory]

    def connect(self, address):
        self.lab.here("sh", "-c", f"while sleep 0.05; do redis-cli -h {address} -p {self.port} publish channel x; done")
        return self.lab.elsewhere("redis-cli", "-h", address, "-p", self.port, "subscribe", "channel")


class AsyncioServer(Server):
    name = "python3 (asyncio server)"
    port = 8091

    def command(self):
        return [sys.executable, HELPERS, "asyncio-server", "::", self.port]

    def connect(self, address):
        return self.lab.elsewhere("nc", "-d", address, self.port)


SERVERS = [Nginx, SshServer, IperfServer, RedisServer, AsyncioServer]
