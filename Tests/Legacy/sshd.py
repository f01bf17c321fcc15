"""OpenSSH's server and client with keys of the laboratory's own."""

import subprocess
from pathlib import Path

from lab import UNPACKED


class Sshd:
    """A server's configuration in the laboratory's directory; root logs in with a key."""

    def __init__(self, lab, name):
        self.directory = lab.directory / name
        self.directory.mkdir(mode=0o700)
        for key in ("host", "client"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.directory / key], check=True)
        (self.directory / "authorized").write_text((self.directory / "client.pub").read_text())
        users = Path("/etc/passwd").read_text()
        if "\nsshd:" not in users:  # which its package makes
            users += "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n"
        (self.directory / "users").write_text(users)

    def command(self, address, port):
        """In a file system of its own, with the user and the directory that it wants; with no address it listens at
        all."""
        options = {"HostKey": self.directory / "host", "AuthorizedKeysFile": self.directory / "authorized",
                   "PidFile": "none", "UsePAM": "no", "StrictModes": "no", "PermitRootLogin": "yes",
                   "LogLevel": "ERROR"}
        where = ["-o", f"ListenAddress=[{address}]:{port}"] if address else ["-p", str(port)]
        arguments = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        program = f"{UNPACKED}/usr/sbin/sshd"
        prepare = 'mount -t tmpfs none /run && mkdir /run/sshd && mount --bind "$1" /etc/passwd && shift && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", prepare, "sh", self.directory / "users",
                program, "-D", "-e", "-6", "-f", "/dev/null", *where, *arguments]

    def client(self, address, port):
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "BatchMode=yes",
                   "ConnectTimeout=5", "ConnectionAttempts=5"]
        arguments = [word for option in options for word in ("-o", option)]
        return ["ssh", "-F", "none", "-i", self.directory / "client", *arguments, "-p", port, f"root@{address}"]
