"""A C program that knows nothing but `pkg-config --cflags --libs odm`, and what make install puts where."""

import ipaddress
import subprocess

import pytest
from installation import make
from network import PREFIX


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


def test_it_watches_until_the_daemon_ends(host, session):
    session("2", "watch")
    assert session.process.stdout.readline() == "watching\n"
    host.daemon.stop()
    assert session.process.stdout.readline().split() == ["EAI_REQUIREDIPFAILED", "ECONNRESET"]


# Installation

FILES = {
    "usr/sbin/odmd", "usr/bin/odmctl", "etc/odmd/odmd.conf", "units/odmd.service", "units/odmd.socket",
    "units/odmd-holders.service", "units/odmd-holders.socket",
    "units/odmd-hooks.service", "units/odmd.service.d/50-hooks.conf", "usr/sbin/odmd-hooks",
    "usr/lib/odmd/odm-hooks.bpf.o", "usr/share/man/man8/odmd-hooks.8",
    "usr/lib/sysusers.d/odmd.conf", "usr/lib/tmpfiles.d/odmd.conf", "usr/lib/sysctl.d/50-odmd.conf",
    "etc/iproute2/rt_protos.d/odmd.conf", "etc/iproute2/rt_addrprotos.d/odmd.conf",
    "usr/lib/x/libodm.so.1.0.0", "usr/lib/x/libodm.so.1", "usr/lib/x/libodm.so", "usr/lib/x/libodm.a",
    "usr/lib/x/odm/libodm-preload.so",
    "usr/lib/x/pkgconfig/odm.pc", "usr/include/odm/setsc.h",
    "usr/share/bash-completion/completions/odmctl", "usr/share/zsh/site-functions/_odmctl",
    "usr/share/doc/odmd/examples/5g-modem.conf",
    "usr/share/doc/odmd/examples/dhcpv6-access.conf",
    "usr/share/doc/odmd/examples/home-anchor.conf",
    "usr/share/fish/vendor_completions.d/odmctl.fish",
    "usr/share/man/man1/odmctl.1", "usr/share/man/man5/odmd.conf.5",
    "usr/share/man/man7/odm-helper.7", "usr/share/man/man8/odmd.8",
    "usr/share/man/man3/setsc.3", "usr/share/man/man3/getsc.3",
    "usr/share/man/man3/setsc_start.3", "usr/share/man/man3/setsc_finish.3",
    "usr/share/man/man3/odm_watch.3", "usr/share/man/man3/odm_next_event.3",
    "usr/share/man/man3/odm_strerror.3",
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
    assert "ExecStart=/usr/sbin/odmd --holders" in (tmp_path / "units/odmd.service").read_text()
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
