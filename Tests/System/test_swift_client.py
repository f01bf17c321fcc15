"""Sources/OnDemandMobility: examples/swift-client, a package that depends on this one, with the daemon."""

import os
import re
import subprocess
import threading

import pytest
from daemon import ROOT
from host import finish

EXAMPLE = ROOT / "examples/swift-client"
BUILD = ROOT / ".build/swift-client"
README = ROOT / "docs/swift-client.md"


@pytest.fixture(scope="module")
def program():
    """The example, built as any package builds it: without what Package.swift sets for this one."""
    subprocess.run([os.environ.get("SWIFT", "swift"), "build", "--package-path", EXAMPLE, "--scratch-path", BUILD,
                    "-Xswiftc", "-warnings-as-errors"], check=True)
    return BUILD / "debug/swift-client"


@pytest.fixture
def start(host, program):
    """Starts the example; it does not outlive the test, which waits for nothing longer than half a minute."""
    running = []

    def start(*arguments, socket=host.daemon.setsc_socket):
        process = host.namespace.start(str(program), *map(str, arguments), stdout=subprocess.PIPE, text=True,
                                       env=os.environ | {"ODM_SOCKET": str(socket)})
        timer = threading.Timer(30, process.kill)
        timer.start()
        running.append((process, timer))
        return process

    yield start
    for process, timer in running:
        timer.cancel()
        finish(process)


@pytest.fixture
def client(start, server):
    """Starts the example, which connects to the server."""
    return lambda **options: start(*server[:2], **options)


def test_it_connects_from_an_address_and_watches_until_the_daemon_ends(host, client):
    _, address = host.socket_with_address()
    process = client()
    assert process.stdout.readline() == f"connected from {address}\n"
    assert process.stdout.readline() == f"watching {address}\n"
    assert address in host.addresses
    host.daemon.stop()
    assert process.stdout.readline() == "the daemon has ended the watch\n"
    assert process.wait(5) == 0


def test_a_daemon_that_is_killed(host, client):
    process = client()
    process.stdout.readline()
    process.stdout.readline()
    host.daemon.kill()
    assert process.stdout.readline() == "the daemon has ended the watch\n"
    assert process.wait(5) == 0


def test_the_address_goes_with_the_program(host, client):
    process = client()
    process.stdout.readline()
    finish(process)
    host.assert_nothing_left()


@pytest.mark.parametrize("is_there, why", [(False, "No such file or directory"), (True, "Connection refused")])
def test_it_goes_on_without_a_daemon(host, client, is_there, why):
    host.daemon.kill()
    process = client(socket=host.daemon.setsc_socket if is_there else "/nowhere/setsc")
    said, _ = process.communicate(timeout=10)
    words = f"Addresses of this type are not supported here: {why}"
    assert said == (f"going on with an ordinary address: {words}\nconnected from 2001:db8:1::2\n"
                    f"not watching: {words}\n")


def test_a_type_that_policy_denies(host, client):
    host.daemon.configure(host.daemon.configuration_file.read_text() + "\n[Rule nobody]\nAction=deny\n")
    host.daemon.reload()
    said = client().stdout.readline()
    assert said == ("going on with an ordinary address: An address of this type could not be had: "
                    "Permission denied\n")


def test_the_code_in_the_manual_is_in_the_example():
    def lines(text):
        return [line.strip() for line in text.splitlines() if line.strip()]

    example = lines("\n".join(file.read_text() for file in sorted(EXAMPLE.glob("**/*.swift"))))
    blocks = re.findall(r"```swift\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        block = lines(block)
        assert any(example[start:start + len(block)] == block for start in range(len(example))), block
