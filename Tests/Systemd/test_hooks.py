"""The programs in the kernel as a service, in its sandbox, for the control groups of the container."""

import contextlib
import subprocess

import pytest

from container import run, serving, show, systemctl, wait_until

UNIT = "odmd-hooks.service"


@pytest.fixture
def bpf_file_system():
    """systemd mounts it where it is not in a container."""
    run("mount", "-t", "bpf", "bpf", "/sys/fs/bpf")
    yield
    run("umount", "/sys/fs/bpf")


@contextlib.contextmanager
def loaded():
    systemctl("start", UNIT)
    try:
        yield
    finally:
        systemctl("stop", UNIT)


def status():
    return subprocess.run(["odmd-hooks", "status"], text=True, capture_output=True)


def test_it_is_not_enabled():
    done = subprocess.run(["systemctl", "is-enabled", UNIT], text=True, capture_output=True)
    assert done.stdout == "disabled\n"


def test_start_stop_and_start_again(bpf_file_system):
    for _ in range(2):
        with loaded():
            assert "Control group: /\n" in status().stdout
            assert run("stat", "--format=%U %a", "/sys/fs/bpf/odm/state") == "odmd 600\n"
        assert status().stdout == "Nothing is loaded in /sys/fs/bpf/odm.\n"
    assert show("Result", UNIT) == "success"


def test_it_starts_no_daemon(bpf_file_system):
    with loaded():
        assert show("ActiveState") == "inactive"
    assert show("ActiveState") == "inactive"


def test_a_daemon_that_runs_reads_its_configuration_again(bpf_file_system):
    def reloads():
        journal = run("journalctl", "--unit=odmd.service", "--output=cat", "--since=-1min")
        return journal.count("Reloaded")
    with serving():
        before = reloads()
        with loaded():
            wait_until(lambda: reloads() == before + 1, "no reload after the start")
        wait_until(lambda: reloads() == before + 2, "no reload after the stop")


def test_without_a_bpf_file_system():
    with pytest.raises(subprocess.CalledProcessError):
        systemctl("start", UNIT)
    assert show("ExecMainStatus", UNIT) == "69"
    systemctl("reset-failed")
