"""odmd as a program: its options, its exit status, and what it refuses to do."""

import os
import signal
import stat
import subprocess

import pytest
from daemon import RELEASE, Daemon
from host import configuration, wait_until

EX_USAGE, EX_CONFIG = 64, 78


def odmd(*arguments):
    command = [RELEASE / "odmd", *map(str, arguments)]
    return subprocess.run(command, text=True, capture_output=True, timeout=10)


@pytest.mark.parametrize("option, words", [("--version", "odmd 0.1.0"), ("--help", "--check-config")])
def test_what_it_says_of_itself(option, words):
    done = odmd(option)
    assert (done.returncode, done.stderr) == (0, "") and words in done.stdout


@pytest.mark.parametrize("arguments", [["--bogus"], ["--config"], ["--confg=x"], ["extra"], ["--help=yes"]])
def test_a_wrong_option(arguments):
    done = odmd(*arguments)
    assert done.returncode == EX_USAGE and done.stdout == "" and done.stderr.startswith("odmd: ")


def test_check_config(tmp_path):
    file = tmp_path / "odmd.conf"
    file.write_text(configuration())
    assert odmd("--config", file, "--check-config").returncode == 0
    file.write_text("[Daemon]\nRequestTimeoutSecs=5\n\n[Type eternal]\n")
    done = odmd(f"--config={file}", "--check-config")
    assert done.returncode == EX_CONFIG
    assert f"{file}:2: " in done.stderr and "RequestTimeoutSec=" in done.stderr
    assert f"{file}:4: " in done.stderr and "session-lasting" in done.stderr


def test_a_bad_configuration_stops_the_start(stopped_host):
    stopped_host.daemon.configure("[Daemon]\nLogLevel=loud\n")
    stopped_host.daemon.launch()
    assert stopped_host.daemon.process.wait(5) == EX_CONFIG
    assert f"{stopped_host.daemon.configuration_file}:2: " in stopped_host.daemon.log
    assert not stopped_host.daemon.setsc_socket.exists()
    stopped_host.daemon.process = None


def test_a_named_configuration_that_is_missing(stopped_host):
    stopped_host.daemon.configuration_file.unlink()
    stopped_host.daemon.launch()
    assert stopped_host.daemon.process.wait(5) in (66, EX_CONFIG)
    assert str(stopped_host.daemon.configuration_file) in stopped_host.daemon.log
    stopped_host.daemon.process = None


def test_drop_ins_are_read(stopped_host):
    stopped_host.daemon.configure(configuration(types="fixed"))
    directory = stopped_host.daemon.directory / "odmd.conf.d"
    directory.mkdir()
    (directory / "10-types.conf").write_text("[Source home]\nTypes=session-lasting\n")
    stopped_host.daemon.start()
    stopped_host.socket_with_address(2)


def test_sockets_and_files_have_the_right_modes(host):
    daemon = host.daemon
    mode = lambda path: stat.S_IMODE(path.stat().st_mode)  # noqa: E731
    assert mode(daemon.setsc_socket) == 0o666
    assert mode(daemon.admin_socket) == 0o666
    assert mode(daemon.setsc_socket.parent) == 0o755
    assert mode(daemon.state_directory / "secret") == 0o600
    assert len((daemon.state_directory / "secret").read_text()) == 33


def test_a_second_daemon_refuses_and_the_first_lives_on(host):
    sock, address = host.socket_with_address()
    second = Daemon(host.namespace)
    command = host.daemon.command
    with host.namespace:
        done = subprocess.run(command, text=True, capture_output=True, timeout=10)
    assert done.returncode != 0
    assert str(host.daemon.setsc_socket.parent) in done.stderr and "already" in done.stderr, done.stderr
    assert host.daemon.process.poll() is None
    assert host.setsc(host.socket()) == address
    host.daemon.administer("status")
    second.close()


def test_a_socket_file_of_a_dead_daemon_is_replaced(host):
    host.daemon.kill()
    assert host.daemon.setsc_socket.exists()
    host.daemon.start()
    host.socket_with_address()


def test_a_stop_takes_the_socket_files_away(host):
    assert host.daemon.stop() == 0
    assert not host.daemon.setsc_socket.exists() and not host.daemon.admin_socket.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_that_stop(host, number):
    host.daemon.process.send_signal(number)
    assert host.daemon.process.wait(5) == 0


def test_signals_that_must_not_kill(host):
    host.daemon.process.send_signal(signal.SIGPIPE)
    host.daemon.process.send_signal(signal.SIGHUP)
    host.daemon.wait_for_notice("READY=1")
    host.socket_with_address()


def test_a_spoiled_secret_is_an_error_not_a_new_secret(host):
    """A new secret would change every Fixed address silently."""
    secret = host.daemon.state_directory / "secret"
    host.daemon.stop()
    secret.write_text("not a secret\n")
    host.daemon.launch()
    assert host.daemon.process.wait(5) != 0
    assert str(secret) in host.daemon.log
    assert secret.read_text() == "not a secret\n"
    host.daemon.process = None


def test_it_sleeps_when_there_is_nothing_to_do(host):
    sock, _ = host.socket_with_address()
    import time
    time.sleep(1.2)  # whatever it does after the start is over
    before = host.daemon.processor_ticks
    time.sleep(1)
    assert host.daemon.processor_ticks - before <= 1


def test_it_is_small(host):
    wait_until(lambda: host.daemon.resident_kilobytes <= 10_000, "10 MB resident, idle", 1)


def test_it_starts_no_threads(host):
    assert len(os.listdir(f"/proc/{host.daemon.process.pid}/task")) == 1


def test_it_passes_no_descriptors_on_and_leaks_none(host):
    before = host.daemon.descriptors
    for _ in range(200):
        sock = host.socket()
        host.setsc(sock)
        sock.close()
        host.daemon.odmctl("status") if _ % 50 == 0 else None
    wait_until(lambda: host.daemon.descriptors <= before + 1, "no descriptor is left open")


def test_what_it_logs_is_little(host):
    for _ in range(100):
        sock, _ = host.socket_with_address()
        sock.close()
    host.ask(b"x")
    assert len(host.daemon.log.splitlines()) < 10, host.daemon.log
