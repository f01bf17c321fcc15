"""ask_for_fixed.py SOCKET - asks for a fixed address, and says "granted" or the name of an errno."""

import errno
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "System"))

from setsc_client import FIXED, exchange, request  # noqa: E402

with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
    number = exchange(sys.argv[1], request(FIXED), [sock]).errno
print(errno.errorcode[number] if number else "granted")
