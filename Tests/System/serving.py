"""A server of the tests' own, on a TCP socket in a namespace."""

import contextlib
import socket
import sys
from pathlib import Path

from host import finish

HERE = Path(__file__).parent


@contextlib.contextmanager
def serving(namespace, address, program, *arguments):
    """Runs a program of this directory, which is told its listening socket's descriptor first; yields where it is."""
    with namespace:
        listener = socket.create_server((address, 0), family=socket.AF_INET6, backlog=128)
    process = namespace.start(sys.executable, str(HERE / program), str(listener.fileno()), *map(str, arguments),
                              pass_fds=[listener.fileno()])
    try:
        yield listener.getsockname()[:2]
    finally:
        finish(process)
        listener.close()
