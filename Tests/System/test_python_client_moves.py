"""clients/python: what a Python program is told when the host moves."""

import asyncio
import os
import subprocess

import pytest
from host import finish
from test_moving import all_types, is_of, network, roaming_host  # noqa: F401
from test_python_client import PACKAGE, example_command, examples, odm


@pytest.fixture
def host(roaming_host, monkeypatch):  # noqa: F811
    host = roaming_host(all_types())
    monkeypatch.setenv("ODM_SOCKET", str(host.daemon.setsc_socket))
    return host


def test_a_graceful_replacement(network, host):  # noqa: F811
    sock = host.socket()
    address = odm.setsc(sock, odm.GRACEFUL_REPLACEMENT)
    sock.bind((str(address), 0))
    with odm.watch(sock) as watch:
        network.move()
        deprecated, replaced, removed = [next(watch) for _ in range(3)]
    assert [event.change for event in (deprecated, replaced, removed)] == [odm.DEPRECATED, odm.REPLACED, odm.REMOVED]
    assert {(event.address, event.type) for event in (deprecated, replaced, removed)} \
        == {(address, odm.GRACEFUL_REPLACEMENT)}
    assert deprecated.replacement is None and is_of(network.router, replaced.replacement)
    assert 0 < replaced.ends_in <= deprecated.ends_in and removed.ends_in == 0
    new = host.socket()
    assert odm.setsc(new, odm.GRACEFUL_REPLACEMENT) == replaced.replacement


def test_a_restored_address_in_asyncio(network, host):  # noqa: F811
    sock = host.socket()
    address = odm.setsc(sock, odm.GRACEFUL_REPLACEMENT)
    sock.bind((str(address), 0))

    async def main():
        changes = []
        async with odm.aio.watch(sock) as watch:
            network.move()
            async for event in watch:
                changes.append(event.change)
                if event.change == odm.RESTORED:
                    assert (event.address, event.ends_in) == (address, None)
                    return changes
                if event.change == odm.DEPRECATED:
                    network.move()

    changes = asyncio.run(main())
    assert changes[0] == odm.DEPRECATED and set(changes[1:-1]) <= {odm.REPLACED}


def test_the_example_that_watches(network, host):  # noqa: F811
    process = host.namespace.start(*example_command(examples()[2]), stdout=subprocess.PIPE, text=True,
                                   env=os.environ | {"PYTHONPATH": str(PACKAGE)})
    try:
        address = process.stdout.readline().removeprefix("watching ").strip()
        network.move()
        said = process.communicate(timeout=20)[0].splitlines()
    finally:
        finish(process)
    assert process.returncode == 0
    assert said[0].startswith(f"deprecated: {address} ends in ") and said[0].endswith("replacement: None")
    assert said[1].startswith(f"replaced: {address} ends in ")
    assert is_of(network.router, said[1].rsplit(maxsplit=1)[1])
