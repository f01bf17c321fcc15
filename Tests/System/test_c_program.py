"""A C program that knows nothing but `pkg-config --cflags --libs odm`, and what make install puts where."""

import os
import subprocess
from pathlib import Path

import pytest
from daemon import ROOT
from host import finish
from network import PREFIX
import ipaddress

HERE = Path(__file__).parent


def make(target, **variables):
    words = [f"{name}={value}" for name, value in variables.items()]
    done = subprocess.run(["make", "-s", "-C", ROOT, target, *words], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """make install with PREFIX, as an administrator would into /opt."""
    prefix = tmp_path_factory.mktemp("prefix")
    make("install", PREFIX=prefix, SYSCONFDIR=prefix / "etc")
    return prefix


@pytest.fixture(scope="module", params=["shared", "static"])
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
        process = host.namespace.start(
            str(program), *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"ODM_SOCKET": str(socket)})
        running.append(process)
        return process.stdout.readline().split()

    yield run
    for process in running:
        finish(process)


@pytest.mark.parametrize("type", ["1", "2", "3"])
def test_it_gets_an_address_of_the_type(host, session, type):
    address, told = session(type)
    assert told == type
    assert ipaddress.ip_address(address) in PREFIX
    assert address in host.addresses


def test_a_type_without_a_source(session):
    assert session("4") == ["EAI_REQUIREDIPNOTSUPPORTED", "EOPNOTSUPP"]  # ENOTSUP's other name


@pytest.mark.parametrize("type", ["0", "5", "6", "7"])
def test_a_reserved_type(session, type):
    assert session(type) == ["EAI_SYSTEM", "EINVAL"]


def test_on_net_by_socket_option(session):
    given = [session("2")[0], session("2", "on-net")[0], session("2", "on-net")[0]]
    assert len({ipaddress.IPv6Network((address, 64), strict=False) for address in given}) == 3


def test_without_a_daemon(host, session):
    assert session("2", socket="/nonexistent/setsc") == ["EAI_REQUIREDIPNOTSUPPORTED", "ENOENT"]
    host.daemon.kill()
    assert session("2") == ["EAI_REQUIREDIPNOTSUPPORTED", "ECONNREFUSED"]


# Installation

FILES = {
    "usr/sbin/odmd", "usr/bin/odmctl", "etc/odmd/odmd.conf", "units/odmd.service",
    "usr/lib/x/libodm.so.1.0.0", "usr/lib/x/libodm.so.1", "usr/lib/x/libodm.so", "usr/lib/x/libodm.a",
    "usr/lib/x/pkgconfig/odm.pc", "usr/include/odm/setsc.h",
}


def files(root):
    return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}


@pytest.fixture
def variables(tmp_path):
    return {"DESTDIR": tmp_path, "PREFIX": "/usr", "LIBDIR": "/usr/lib/x", "UNITDIR": "/units"}


def test_install_and_uninstall(tmp_path, variables):
    (tmp_path / "etc/odmd").mkdir(parents=True)
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/other").touch()
    make("install", **variables)
    assert files(tmp_path) == FILES | {"usr/bin/other"}
    assert str(tmp_path) not in (tmp_path / "usr/lib/x/pkgconfig/odm.pc").read_text()
    assert "ExecStart=/usr/sbin/odmd\n" in (tmp_path / "units/odmd.service").read_text()
    make("uninstall", **variables)
    assert files(tmp_path) == {"usr/bin/other"}


def test_a_changed_configuration_is_kept(tmp_path, variables):
    make("install", **variables)
    configuration = tmp_path / "etc/odmd/odmd.conf"
    configuration.write_text("# mine\n")
    make("install", **variables)
    make("uninstall", **variables)
    assert configuration.read_text() == "# mine\n"
    assert files(tmp_path) == {"etc/odmd/odmd.conf"}


def test_the_installed_configuration_is_good(installed):
    subprocess.run([installed / "sbin/odmd", "--config", installed / "etc/odmd/odmd.conf", "--check-config"],
                   check=True)
