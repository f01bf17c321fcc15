"""A connection on which something is said and heard all the time, to see how long it is silent."""

import select
import socket
import threading
import time

INTERVAL_SECONDS = 0.01


class Flow(threading.Thread):
    """Sends a few octets each INTERVAL_SECONDS to a server that returns them, until it is closed or fails."""

    def __init__(self, connection):
        super().__init__(daemon=True)
        self.connection = connection
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.setblocking(False)
        #: When something was heard (time.monotonic()), and how many octets by then.
        self.heard = [time.monotonic()]
        self.octets = [0]
        #: When and by what the flow ended.
        self.error = None
        self.ended = None
        self._closing = False
        self.start()

    def run(self):
        next_time = time.monotonic()
        try:
            while not self._closing:
                if time.monotonic() >= next_time:
                    next_time += INTERVAL_SECONDS
                    try:
                        self.connection.send(b"x" * 16)
                    except BlockingIOError:
                        pass
                left = max(0, next_time - time.monotonic())
                if select.select([self.connection], [], [], left)[0]:
                    octets = self.connection.recv(65536)
                    if not octets:
                        raise ConnectionResetError("the server has closed")
                    self.octets.append(self.octets[-1] + len(octets))
                    self.heard.append(time.monotonic())
        except OSError as error:
            self.error = error
        self.ended = time.monotonic()

    def longest_silence(self, since=0):
        """In seconds, among what was heard after a time, up to now."""
        times = [self.heard[0], *(at for at in self.heard if at >= since), self.ended or time.monotonic()]
        if since:
            times[0] = max((at for at in self.heard if at <= since), default=times[0])
        return max(after - before for before, after in zip(times, times[1:]))

    def close(self):
        self._closing = True
        self.join()
        self.connection.close()
