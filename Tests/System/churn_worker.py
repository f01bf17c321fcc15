"""churn_worker.py SOCKET SERVER PORT COUNT SEED - opens sockets, gives them addresses, and binds, connects,
forks, passes, duplicates and closes them at random. Ends with 1 and a message when an address of an open
socket is not there."""

import os
import random
import socket
import sys

import setsc_client

path, server, count = sys.argv[1], (sys.argv[2], int(sys.argv[3])), int(sys.argv[4])
dice = random.Random(int(sys.argv[5]))
patient = "CHURN_TOLERATES_ABSENCE" in os.environ
kept = []  # (socket, address): what this process has open


def is_there(address):
    """The kernel lets a socket bind to an address only if the host has it."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def check(address):
    if not is_there(address):
        sys.exit(f"{address} is not there although a socket of it is open")


def open_one():
    sock = socket.socket(socket.AF_INET6, dice.choice([socket.SOCK_STREAM, socket.SOCK_DGRAM]))
    try:
        address = setsc_client.setsc(path, sock, dice.choice([1, 2, 2, 3]), on_net=dice.random() < 0.1)
        sock.bind((address, 0))
    except (setsc_client.Refused, OSError, AssertionError):
        if not patient:
            raise
        sock.close()  # the daemon was away, or was killed before this socket was bound
        return
    kept.append((sock, address))
    check(address)


def connect(sock):
    if sock.type == socket.SOCK_STREAM:
        sock.settimeout(5)
        try:
            sock.connect(server)
        except OSError as error:
            if "already connected" not in str(error) and error.errno != 106:  # EISCONN
                raise


def fork(sock, address):
    """A child that outlives the parent's copy of the socket, for a moment."""
    if os.fork() == 0:
        os._exit(0 if is_there(address) else 1)
    sock.close()
    _, status = os.wait()
    if status != 0:
        sys.exit(f"{address} was gone while a child held its socket")


def pass_over(sock, address):
    here, there = socket.socketpair(socket.AF_UNIX)
    socket.send_fds(here, [b"!"], [sock.fileno()])
    sock.close()
    check(address)
    _, (descriptor,), _, _ = socket.recv_fds(there, 1, 1)
    here.close(), there.close()
    kept.append((socket.socket(fileno=descriptor), address))


def duplicate(sock, address):
    kept.append((sock.dup(), address))
    sock.close()


def treat_one():
    sock, address = kept.pop(dice.randrange(len(kept)))
    check(address)
    match dice.randrange(6):
        case 0 | 1: sock.close()
        case 2:
            connect(sock)
            kept.append((sock, address))
        case 3: fork(sock, address)
        case 4: pass_over(sock, address)
        case 5: duplicate(sock, address)


for _ in range(count):
    open_one()
    while kept and dice.random() < 0.6:
        treat_one()
for sock, address in kept:
    check(address)
# Half of the time the kernel closes what is left.
if dice.random() < 0.5:
    for sock, _ in kept:
        sock.close()
