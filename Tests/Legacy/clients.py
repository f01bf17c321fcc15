"""Debian's programs as clients of the correspondent. Each starts its server, then itself with a type, and says which
address the server saw."""

import subprocess
import sys

from lab import HERE, SERVER, UNPACKED
from sshd import Sshd

HELPERS = HERE / "helpers.py"


class Client:
    """One program."""

    name = ""
    #: Of `odmctl run`, besides the type.
    options = ()
    #: What became of it if its address lasted.
    lasted = "went on through two moves"
    #: Most say by their exit status that their connection was ended.
    ends_with_error = True

    def __init__(self, lab):
        self.lab = lab

    def start(self, wishes):
        """The program, when it is connected, and the address that the server saw."""
        raise NotImplementedError

    def goes_on(self, program):
        return program.goes_on()

    def has_lasted(self, program):
        """Whether it gets what it waits for after all moves; most go on for as long as they are let."""
        return True


class OfHttp(Client):
    port = 8080

    def __init__(self, lab):
        super().__init__(lab)
        self.server = lab.server(self.port, sys.executable, HELPERS, "http", SERVER, self.port)

    def start(self, wishes):
        before = len(self.server.said)
        program = self.lab.here(*self.command, wishes=wishes)
        return program, self.server.wait_for("from ", before)


class Curl(OfHttp):
    name = "curl"
    port = 8081
    command = ["curl", "--silent", "--show-error", "--no-buffer", f"http://[{SERVER}]:8081/"]


class Wget(OfHttp):
    name = "wget"
    port = 8082
    command = ["wget", "--quiet", "--tries=1", "--output-document=-", f"http://[{SERVER}]:8082/"]


class Rclone(OfHttp):
    """A Go program: it makes its system calls itself."""

    name = "rclone (Go)"
    port = 8085
    options = ("--kernel",)
    command = [f"{UNPACKED}/usr/bin/rclone", "--config", "/dev/null", "copyurl", "--stdout", f"http://[{SERVER}]:8085/",
               "--low-level-retries", "1", "--retries", "1"]


class Busybox(OfHttp):
    """Linked statically."""

    name = "busybox wget (static)"
    port = 8086
    options = ("--kernel",)
    command = [f"{UNPACKED}/bin/busybox", "wget", "-q", "-O", "-", f"http://[{SERVER}]:8086/"]


class Asyncio(Client):
    name = "python3 (asyncio)"

    def __init__(self, lab):
        super().__init__(lab)
        self.server = lab.server(8083, sys.executable, HELPERS, "asyncio-server", SERVER, 8083)

    def start(self, wishes):
        before = len(self.server.said)
        program = self.lab.here(sys.executable, HELPERS, "asyncio-client", SERVER, 8083, wishes=wishes)
        return program, self.server.wait_for("from ", before)


class Netcat(Client):
    name = "nc"
    ends_with_error = False

    def __init__(self, lab):
        super().__init__(lab)
        self.server = lab.server(8084, sys.executable, HELPERS, "asyncio-server", SERVER, 8084)

    def start(self, wishes):
        before = len(self.server.said)
        program = self.lab.here("nc", "-d", SERVER, 8084, wishes=wishes)
        return program, self.server.wait_for("from ", before)


class Ssh(Client):
    name = "ssh"

    def __init__(self, lab):
        super().__init__(lab)
        self.server = Sshd(lab, "client-of-sshd")
        lab.server(2222, *self.server.command(SERVER, 2222))

    def start(self, wishes):
        script = "echo from ${SSH_CONNECTION%% *}; while sleep 0.05; do echo line; done"
        program = self.lab.here(*self.server.client(SERVER, 2222), script, wishes=wishes)
        return program, program.wait_for("from ")


class Git(Client):
    """Clones a repository of which every line takes a while."""

    name = "git over ssh"

    def __init__(self, lab):
        super().__init__(lab)
        self.server = Sshd(lab, "git-over-sshd")
        lab.server(2223, *self.server.command(SERVER, 2223))
        self.origin, self.clones = lab.directory / "origin", 0
        subprocess.run(["sh", "-ec", 'git init -q "$1"; cd "$1"; head -c 30000000 /dev/urandom > file; git add file; '
                        'git -c user.name=x -c user.email=x@x commit -qm x', "sh", self.origin], check=True)
        self.pack = lab.directory / "pack"
        self.pack.write_text(f'#!/bin/sh\necho "from ${{SSH_CONNECTION%% *}}" >> {lab.directory}/git-log\n'
                             f'git-upload-pack "$@" | {sys.executable} {HELPERS} slowly\n')
        self.pack.chmod(0o755)

    def start(self, wishes):
        log = self.lab.directory / "git-log"
        log.write_text("")
        self.clones += 1
        ssh = " ".join(map(str, self.server.client(SERVER, 2223)[:-1]))
        program = self.lab.here(
            "git", "-c", "protocol.version=2", "-c", f"core.sshCommand={ssh}", "-c", "safe.directory=*", "clone",
            "--progress", "--upload-pack", self.pack, f"ssh://root@[{SERVER}]:2223{self.origin}",
            self.lab.directory / f"clone{self.clones}", wishes=wishes)
        from_lab = self.lab.elsewhere("tail", "-F", "-n", "+1", log)
        return program, from_lab.wait_for("from ")


class Iperf(Client):
    name = "iperf3"

    def __init__(self, lab):
        super().__init__(lab)
        self.server = lab.server(5201, "iperf3", "--server", "--bind", SERVER, "--forceflush")

    def start(self, wishes):
        before = len(self.server.said)
        program = self.lab.here("iperf3", "--client", SERVER, "--time", 60, "--interval", 0.2, "--bitrate", "1M",
                                "--forceflush", wishes=wishes)
        return program, self.server.wait_for("Accepted connection from ", before).split(",")[0]


class RedisClient(Client):
    name = "redis-cli"

    def __init__(self, lab):
        super().__init__(lab)
        link = lab.directory / "redis-server"  # the same program by another name, as in its package
        if not link.exists():
            link.symlink_to("/usr/bin/redis-check-rdb")
        self.server = lab.server(6379, link, "--port", 6379, "--bind", SERVER, "--protected-mode", "no", "--save", "",
                                 "--dir", lab.directory)
        lab.elsewhere("sh", "-c", f"while sleep 0.05; do redis-cli -h {SERVER} publish channel line; done")

    def start(self, wishes):
        program = self.lab.here("redis-cli", "-h", SERVER, "subscribe", "channel", wishes=wishes)
        program.wait_for("message")
        listing = self.lab.elsewhere("redis-cli", "-h", SERVER, "client", "list", "type", "pubsub")
        return program, listing.wait_for(" addr=[").split("]")[0]


class Dig(Client):
    """By UDP, which it binds to any port of any address itself before it connects. It is answered when the host has
    moved."""

    name = "dig"
    lasted = "got its answer after two moves"

    def __init__(self, lab):
        super().__init__(lab)
        self.server = lab.server(53, sys.executable, HELPERS, "dns", SERVER, 53, stdin=subprocess.PIPE)

    def start(self, wishes):
        before = len(self.server.said)
        program = self.lab.here("dig", f"@{SERVER}", "example.org", "AAAA", "+short", "+tries=1", "+time=30",
                                wishes=wishes)
        return program, self.server.wait_for("from ", before)

    def goes_on(self, program):
        """It waits for the answer: nothing is to be seen."""
        return program.process.poll() is None

    def has_lasted(self, program):
        self.server.process.stdin.write(b"answer\n")
        self.server.process.stdin.flush()
        return program.ends() and program.process.returncode == 0 and program.wait_for("2001:db8::") == "1"


CLIENTS = [Curl, Wget, Ssh, Git, Netcat, Iperf, Asyncio, RedisClient, Dig, Rclone, Busybox]
