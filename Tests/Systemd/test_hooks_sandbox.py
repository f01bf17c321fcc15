"""odmd-hooks.service itself: what it needs it can do in its sandbox, and no more is left than was there."""

import subprocess

import pytest

from container import run, show, systemctl

UNIT = "odmd-hooks.service"


def status():
    return subprocess.run(["odmd-hooks", "status"], text=True, capture_output=True).stdout


@pytest.fixture
def no_bpf_file_system():
    run("umount", "/sys/fs/bpf")
    yield
    run("mount", "-t", "bpf", "bpf", "/sys/fs/bpf")
    systemctl("reset-failed")


def test_it_is_not_enabled():
    done = subprocess.run(["systemctl", "is-enabled", UNIT], text=True, capture_output=True)
    assert done.stdout == "disabled\n"


def test_start_stop_and_start_again():
    for _ in range(2):
        systemctl("start", UNIT)
        try:
            assert "Control group: /\n" in status()
            assert run("stat", "--format=%U %a", "/sys/fs/bpf/odm/state") == "odmd 600\n"
        finally:
            systemctl("stop", UNIT)
        assert status() == "Nothing is loaded in /sys/fs/bpf/odm.\n"
    assert show("Result", UNIT) == "success"


def test_without_a_bpf_file_system(no_bpf_file_system):
    with pytest.raises(subprocess.CalledProcessError):
        systemctl("start", UNIT)
    assert show("ExecMainStatus", UNIT) == "69"
