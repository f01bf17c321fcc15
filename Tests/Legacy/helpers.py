"""What the correspondent, or the host, needs besides Debian's programs. Each is a mode of this file."""

import asyncio
import os
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

INTERVAL_SECONDS = 0.05


class SlowPage(BaseHTTPRequestHandler):
    """A page that goes on for minutes, a line at a time, and begins with the address of whoever reads it."""

    def do_GET(self):
        print(f"from {self.client_address[0]}", flush=True)
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"." * 63 + b"\n")
                time.sleep(INTERVAL_SECONDS)
        except OSError:
            pass

    def log_message(self, *_):
        pass


def http(address, port):
    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6
    Server((address, int(port)), SlowPage).serve_forever()


async def talk(reader, writer):
    print(f"from {writer.get_extra_info('peername')[0]}", flush=True)
    try:
        while True:
            writer.write(b"line\n")
            await writer.drain()
            await asyncio.sleep(INTERVAL_SECONDS)
    except OSError:
        pass
    finally:
        writer.close()


async def _server(address, port):
    server = await asyncio.start_server(talk, address, int(port), family=socket.AF_INET6)
    await server.serve_forever()


def asyncio_server(address, port):
    asyncio.run(_server(address, port))


async def _client(address, port):
    reader, _ = await asyncio.open_connection(address, int(port))
    while line := await reader.readline():
        print(line.decode(), end="", flush=True)


def asyncio_client(address, port):
    asyncio.run(_client(address, port))


def dns(address, port):
    """Answers every name with one address, but not before a line of the standard input says so."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as server:
        server.bind((address, int(port)))
        threading.Thread(target=_collect, args=(server, questions := []), daemon=True).start()
        for _ in sys.stdin:
            while questions:
                question, client = questions.pop()
                server.sendto(_answer(question), client)


def _collect(server, questions):
    while True:
        question, client = server.recvfrom(512)
        questions.append((question, client))
        print(f"from {client[0]}", flush=True)


def _answer(query):
    """The question of a query, whose name, type and class follow twelve octets of header, with one AAAA record."""
    question = query[12:query.index(b"\0", 12) + 5]
    header = query[:2] + struct.pack("!5H", 0x8180, 1, 1, 0, 0)  # an answer with recursion; one question, one record
    record = struct.pack("!3HLH", 0xC00C, 28, 1, 0, 16) + socket.inet_pton(socket.AF_INET6, "2001:db8::1")
    return header + question + record


def slowly():
    """Copies what it is given so slowly that a clone takes longer than a move."""
    while octets := os.read(0, 1 << 15):
        os.write(1, octets)
        time.sleep(INTERVAL_SECONDS)


if __name__ == "__main__":
    {"http": http, "asyncio-server": asyncio_server, "asyncio-client": asyncio_client,
     "dns": dns, "slowly": slowly}[sys.argv[1]](*sys.argv[2:])
