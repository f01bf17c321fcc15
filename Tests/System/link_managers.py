"""Programs that manage a host's interfaces, as they run beside odmd: systemd-networkd and NetworkManager."""

import os
import pwd
import shutil
import subprocess

SEARCH_PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin:/usr/lib/systemd:/lib/systemd"

# In mount and process namespaces of their own: nobody else sees their files, and with the first process all end.
STAGE = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-ec"]

NETWORKD = """\
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/network /run/systemd/netif
cp "$1" /run/systemd/network/up0.network
chown "$2" /run/systemd/netif
# Where it is read-only networkd does not wait for udev.
mount -o remount,bind,ro /sys
exec "$3"
"""

NETWORK = """\
[Match]
Name=up0
[Network]
IPv6AcceptRA=yes
LinkLocalAddressing=ipv6
IPv6PrivacyExtensions=no
"""

NETWORK_MANAGER = """\
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib/NetworkManager
mount -t tmpfs tmpfs /etc/NetworkManager
mkdir -p /run/dbus /etc/NetworkManager/system-connections
cp "$1" /etc/NetworkManager/NetworkManager.conf
cp "$2" /etc/NetworkManager/system-connections/up0.nmconnection
chmod 600 /etc/NetworkManager/system-connections/up0.nmconnection
mount -o remount,bind,ro /sys
dbus-daemon --system --fork --nopidfile
exec "$3" --no-daemon
"""

CONFIGURATION = """\
[main]
plugins=keyfile
dns=none
rc-manager=unmanaged
no-auto-default=*
[device]
match-device=*
managed=1
[keyfile]
unmanaged-devices=none
[logging]
level=INFO
"""

CONNECTION = """\
[connection]
id=up0
uuid=2b1c5d0a-0000-4000-8000-000000000001
type=ethernet
interface-name=up0
autoconnect=true
autoconnect-retries=0
[ethernet]
[ipv4]
method=disabled
[ipv6]
method=auto
addr-gen-mode=eui64
ip6-privacy=0
"""


class LinkManager:
    """One of them, from `start` to `close`."""

    def __init__(self, namespace, directory):
        self.namespace = namespace
        self.directory = directory
        self.log_file = directory / f"{self.program}.log"
        self.process = None

    def start(self):
        arguments = [self.stage, "sh", *self.files(), find(self.program)]
        with self.log_file.open("w") as log:
            self.process = self.namespace.start(*STAGE, *arguments, stdout=log, stderr=log,
                                                stdin=subprocess.DEVNULL)
        return self

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return str(path)

    @property
    def log(self):
        return self.log_file.read_text()

    def close(self):
        self.process.kill()
        self.process.wait()


class Networkd(LinkManager):
    program = "systemd-networkd"
    stage = NETWORKD

    def files(self):
        account = pwd.getpwnam("systemd-network")
        return [self.file("up0.network", NETWORK), f"{account.pw_uid}:{account.pw_gid}"]


class NetworkManager(LinkManager):
    program = "NetworkManager"
    stage = NETWORK_MANAGER

    def files(self):
        return [self.file("NetworkManager.conf", CONFIGURATION), self.file("up0.nmconnection", CONNECTION)]


def find(program):
    path = shutil.which(program, path=SEARCH_PATH)
    assert path, f"{program} is not installed: Tests/install-dependencies.sh test"
    return path
