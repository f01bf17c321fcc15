"""ask_on_and_on.py SOCKET - asks for addresses, one after the other, until its input ends; a line for each: "answered",
"told" that the daemon ended before it answered, or what else went wrong."""

import select
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "System"))

from setsc_client import SESSION_LASTING, setsc  # noqa: E402


def outcome(path):
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
        try:
            setsc(path, sock, SESSION_LASTING)
            return "answered"
        except ConnectionResetError:
            return "told"
        except Exception as error:  # whatever it is, it is one too many
            return repr(error)


while not select.select([sys.stdin], [], [], 0)[0]:
    print(outcome(sys.argv[1]), flush=True)
