"""Fixtures: a network of namespaces, a host with a daemon in it, a server on the correspondent."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from access_network import AccessNetwork  # noqa: E402
from capture import Capture  # noqa: E402
from daemon import RELEASE  # noqa: E402
from host import Host, finish  # noqa: E402
from installation import make  # noqa: E402
from network import SERVER, Network  # noqa: E402
from serving import serving  # noqa: E402
import setsc_load  # noqa: E402

#: The host of a test, whose log is shown if it fails.
HOST = pytest.StashKey[Host]()


def pytest_collection_modifyitems(items):
    reason = None
    if os.geteuid() != 0:
        reason = "network namespaces need root"
    elif not (RELEASE / "odmd").exists():
        reason = f"{RELEASE}/odmd is not built: make build"
    for item in items if reason else []:
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    host = item.stash.get(HOST, None)
    if report.failed and host is not None:
        report.sections.append(("log of odmd", host.daemon.log))
    return report


@pytest.fixture
def network():
    network = Network()
    yield network
    network.close()


@pytest.fixture
def access_network():
    """For a module whose `network` it is to be, with servers that give prefixes."""
    network = AccessNetwork()
    yield network
    network.close()


@pytest.fixture
def capture(network):
    """What passes the router's end of the node's link from now on."""
    capture = Capture(network.r)
    yield capture
    capture.close()


@pytest.fixture
def stopped_host(request, network):
    """A host whose daemon has not been started, so that a test can configure it first."""
    host = request.node.stash[HOST] = Host(network)
    yield host
    host.close()


@pytest.fixture
def host(stopped_host):
    stopped_host.daemon.start()
    return stopped_host


@pytest.fixture
def configured_host(stopped_host):
    """Call it with a configuration to have the host's daemon started with that."""
    def start(text):
        stopped_host.daemon.configure(text)
        stopped_host.daemon.start()
        return stopped_host
    return start


@pytest.fixture
def server(network):
    """A TCP server on the correspondent that tells each client the address it came from."""
    with serving(network.cn, SERVER, "peer_server.py") as address:
        yield address


# C programs

@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """make install with PREFIX, as an administrator would into /opt."""
    prefix = tmp_path_factory.mktemp("prefix")
    make("install", PREFIX=prefix, SYSCONFDIR=prefix / "etc")
    return prefix


@pytest.fixture(scope="session", params=["shared", "static"])
def program(request, installed):
    """session.c, built against what was installed."""
    environment = os.environ | {"PKG_CONFIG_PATH": str(installed / "lib/pkgconfig")}
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "odm"], env=environment, check=True,
                           text=True, capture_output=True).stdout.split()
    output = installed / f"session-{request.param}"
    if request.param == "static":
        flags = [flag for flag in flags if flag != "-lodm"] + [str(installed / "lib/libodm.a")]
    else:
        flags.append(f"-Wl,-rpath,{installed}/lib")
    subprocess.run(["cc", "-std=c99", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-o", output,
                    HERE / "session.c", *flags], check=True)
    return output


@pytest.fixture
def session(host, program):
    """Runs the program; returns the words of its line. It stays until the test ends."""
    running = []

    def run(*arguments, socket=host.daemon.setsc_socket):
        process = run.process = host.namespace.start(
            str(program), *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"ODM_SOCKET": str(socket)})
        running.append(process)
        return process.stdout.readline().split()

    yield run
    for process in running:
        finish(process)


@pytest.fixture(scope="session")
def load_program(tmp_path_factory):
    """setsc_load.c, where other users can start it."""
    directory = tmp_path_factory.mktemp("load")
    for parent in (directory, directory.parent, directory.parent.parent):
        parent.chmod(0o755)
    return setsc_load.build(directory)
