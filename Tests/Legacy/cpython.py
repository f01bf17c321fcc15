"""CPython's own tests of its network modules, as Debian's libpython3.11-testsuite has them.

They talk to themselves by loopback, where the library has nothing to do. So there is a second form of them, in which
IPv4 is IPv6 and the loopback addresses are a global address of the host: from there every connect and every first
datagram to another socket is one that the library has to give an address to. Some tests fail in that form, and have to
fail alike in both ways."""

import os
import re
from pathlib import Path

PYTHON = "/usr/bin/python3.11"
INSTALLED = Path("/usr/lib/python3.11/test")

#: With the longest first, as they are run side by side. Of asyncio's tests those that have to do with sockets. Left
#: out: test_xmlrpc_net, test_urllibnet and others, which need the Internet; test_logging, which mostly is about files.
MODULES = [
    "test_xmlrpc", "test_imaplib", "test_socket", "test_ssl", "test_asyncio.test_sslproto", "test_asyncio.test_ssl",
    "test_asyncio.test_events", "test_selectors", "test_ftplib", "test_asyncio.test_sendfile", "test_poplib",
    "test_asyncio.test_sock_lowlevel", "test_asyncio.test_streams", "test_asyncio.test_server",
    "test_asyncio.test_buffered_proto", "test_asyncio.test_base_events", "test_asyncio.test_selector_events",
    "test_asyncio.test_unix_events", "test_socketserver", "test_asyncore", "test_asynchat", "test_httpservers",
    "test_urllib2_localnet", "test_smtplib", "test_smtpd", "test_httplib", "test_docxmlrpc", "test_nntplib",
    "test_wsgiref", "test_telnetlib", "test_select", "test_epoll", "test_poll",
]

_LOOPBACK = re.compile(r"""(?<=["'])(127\.0\.0\.1|::1)(?=["'])""")


def translate(directory, address):
    """Makes the tests' second form below a directory: in place of loopback addresses they have this one."""
    package = directory / "test"
    for part in (".", "support", "test_asyncio"):
        (package / part).mkdir(parents=True)
        for entry in os.scandir(INSTALLED / part):
            if (package / part / entry.name).exists() or entry.name in ("support", "test_asyncio", "__pycache__"):
                continue
            if _is_translated(part, entry.name):
                text = Path(entry.path).read_text()
                (package / part / entry.name).write_text(_LOOPBACK.sub(address, text))
            else:
                (package / part / entry.name).symlink_to(entry.path)


def _is_translated(part, name):
    if part == ".":
        return name.removesuffix(".py") in MODULES
    return name.endswith(".py") and (part == "test_asyncio" or name == "socket_helper.py")


def names_file(path, address):
    """A hosts(5) in which localhost is this address first, and loopback for what insists on IPv4."""
    path.write_text(f"{address} localhost\n127.0.0.1 localhost\n")
    return path
