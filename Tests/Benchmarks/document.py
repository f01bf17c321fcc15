"""docs/benchmarks.md: the table, the machine that it was made on, and how to read it."""

import os
import platform
import subprocess
from datetime import date
from pathlib import Path

from servers import REPOSITORY, Program

TEXT = """\
# What odmd costs

This page is written by `make bench` (Tests/Benchmarks). It compares odmd with the *floor*: a C program that
does the system calls of the same work and nothing else – one thread, raw epoll, raw netlink, a hash table.
The goals are ratios to it, so that they hold on any machine.

{table}

| Made on | |
|---|---|
{machine}

## How to read it

- Floor and odmd run on one processor together with the client, each in a network namespace of its own.
  Blocks of requests go to them in turn. A value is the median over blocks. A ratio is the median of the
  ratios of neighbouring blocks, so that a change of the machine's speed meets both; after ± is the
  half-width of its 95 % confidence interval. A ratio of two floors is 1.00 within that.
- Times are what a client sees, from connect() to close() on the setsc socket. Where programs run on the
  processors changes them by a factor of 2 to 5, so the rows that are not pinned say more about the
  scheduler than about odmd.
- *Address there*: a socket never seen before gets an address that another socket keeps in place. *Address
  made*: with ON_NET, an address from a new prefix is put on the loopback interface before the reply. At most
  52 are there at a time, because what the kernel charges grows with their number. Removals are not timed.
  *socket, setsc, bind, close* is a socket's whole life, its death and the server's hearing of it included.
- The floor, too, subscribes to the kernel's notices of links, addresses and routes, with a filter in the
  kernel, and before it removes an address it asks the kernel for sockets that are still bound to it. It also
  writes a record of 64 octets before each reply, and zeros over it when the socket has died.
- *Lost* are notices of dead sockets that the kernel had no room for (Drops in /proc/net/netlink). The rate
  counts from the first close() until the kernel has lost the address that all of them kept: closing, the
  kernel's telling and the server's listening share one processor. The server's work is its own part of
  that, in processor time. 20,000 at a time give the same figures from more blocks. *On all processors* only
  the sockets' owners are spread, which makes it harder to keep up.
- Memory is VmRSS after 1,000 requests, and its growth by 100,000 tracked sockets; the kernel's memory for
  the sockets is not in it. A megabyte is 10⁶ octets.
- Start is from exec to READY=1 with the configuration in place, median of 31.
- *Start with addresses and records*: odmd was killed (SIGKILL) and starts again while the sockets that it served
  are open, ten to an address, all of them bound. In place of a floor stands what the kernel takes to list its
  addresses and its sockets to a C program.
- *Room for few notices*: with `SocketEventBufferBytes=200000`, half of the sockets bound, half of them TCP, and
  odmd held back (SIGSTOP) until the kernel has dropped the notices of a quarter. Counted is from the last close
  until odmd knows of exactly those sockets that are open and the address of the others is gone, the longest
  of three. *Half of*: every other socket of the same processes stays open with another address, which stays, and
  is closed afterwards.
- *Address from DHCPv6*: a socket asks for a type whose prefix a DHCPv6 server has to give first, and binds to the
  address. The server is Kea, on the same link and the same processor, with Rapid Commit. The floor is one round trip
  to it: Solicit, sent by a C program from a UDP socket, and Reply. Every lease is new, and is given back before the
  next. The state directory is in memory, so a disk that is slow to take the list of leases is not in it.
- *dhcpcd instead*, *systemd-networkd instead*: not odmd's figures, though they stand in its column. Between the
  blocks each program gets a prefix from the same server, with Rapid Commit and under the same User Class, and puts
  an address from it on an interface of the host; the time ends when that can be bound to. *From its start* begins
  with exec: neither takes requests from applications, so this is the whole start of a program, its look at the
  interfaces, and with dhcpcd a second that it waits before the first Solicit (RFC 8415, section 18.2.1). *From its
  Solicit* begins when that is on the link; an application's request and the answer to it, which are in odmd's
  figures, are not in these. *Longest* is of twelve.

- *Service*: odmd as its unit runs it, in its sandbox, under a systemd that boots in a container. *Systemd's start* is
  the moment at which it begins to start units; the container has few others. *Its unit's start* begins when systemd
  sets the sandbox up, and is the median of 11. Memory is after 1,000 requests. odmd-holders runs when odmd has asked it
  within the last half minute.

- *By the library*: UDP sockets that a program which knows nothing of odmd opens, connects and closes, with
  libodm-preload.so (`odmctl run`); the floor is a program that calls setsc() and binds itself. *Library against none*:
  calls that the library has nothing to do with, or nothing any more, with it and without.
- *Socket of others*: socket() and close() of a program that has nothing to do with odmd, in nanoseconds; the floor is
  while nobody wants to know of sockets' ends. With *deaths subscribed to* odmd follows sockets as it does without
  hooks; with *hooks loaded* (odmd-hooks) as it does with them.

`Tests/Benchmarks/bench.py --only NAME` repeats one measurement, `--quick` looks at all of them in half a
minute, `--server NAME=PATH` compares other builds, and `--callgrind` counts instructions a request and says
where they go.
"""


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY).stdout.strip()


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def commit() -> str:
    changed = output("git", "status", "--porcelain", "--untracked-files=no", "--", "Sources", "Package.swift")
    return output("git", "rev-parse", "--short", "HEAD") + (" with changes" if changed else "")


def machine(program: Program) -> dict[str, str]:
    return {
        "Date": date.today().isoformat(),
        "Processor": f"{processor()}, {os.cpu_count()} processors",
        "Kernel": f"{platform.system()} {platform.release()}",
        "odmd": f"{output(str(program.path), '--version')}, commit {commit()}",
        "Swift": output("swift", "--version").splitlines()[0],
        "C": output("cc", "--version").splitlines()[0],
    }


def write(path: Path, program: Program, table: str) -> None:
    rows = "\n".join(f"| {name} | {value} |" for name, value in machine(program).items())
    path.parent.mkdir(exist_ok=True)
    path.write_text(TEXT.format(table=table, machine=rows))
