"""`odmctl run`: what a program that knows nothing of odmd is started with, and what odmctl finds out about it."""

import json
import os
import shutil
import signal
import struct
import subprocess

import pytest
from daemon import RELEASE

ODMCTL = RELEASE / "odmctl"
NOBODY = 65534
LOADED = 'int main(void) { return 7; }'
#: What Go's linker puts into a program.
GO = r"""
__attribute__((section(".note.go.buildid"), used, aligned(4)))
static const struct { unsigned owner, size, type; char name[4], text[8]; } note = { 4, 8, 4, "Go\0", "abcdefg" };
int main(void) { return 7; }
"""


@pytest.fixture(scope="session")
def prefix(tmp_path_factory):
    """odmctl as it is installed, with a library that does nothing, where all users can read it."""
    prefix = tmp_path_factory.mktemp("prefix")
    for parent in (prefix, prefix.parent, prefix.parent.parent):
        parent.chmod(0o755)
    (prefix / "bin").mkdir()
    (prefix / "lib/odm").mkdir(parents=True)
    shutil.copy(ODMCTL, prefix / "bin/odmctl")
    compile(prefix / "lib/odm/libodm-preload.so", "int nothing;", "-shared", "-fPIC")
    return prefix


@pytest.fixture
def library(prefix):
    return str(prefix / "lib/odm/libodm-preload.so")


@pytest.fixture(scope="session")
def programs(prefix):
    """Programs that end with 7, by what is the matter with them."""
    directory = prefix / "programs"
    directory.mkdir()
    compile(directory / "loaded", LOADED)
    compile(directory / "static", LOADED, "-static")
    compile(directory / "static-pie", LOADED, "-static-pie")
    compile(directory / "go", GO)
    compile(directory / "musl", LOADED, "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1")
    machine = bytearray((directory / "loaded").read_bytes())
    machine[18:20] = struct.pack("=H", 8)  # EM_MIPS
    (directory / "machine").write_bytes(machine)
    word_size = bytearray((directory / "loaded").read_bytes())
    word_size[4] = 1  # ELFCLASS32
    (directory / "word-size").write_bytes(word_size)
    (directory / "cut-off").write_bytes(word_size[:20])
    for name, mode in (("set-user", 0o4755), ("set-group", 0o2755)):
        shutil.copy(directory / "loaded", directory / name)
        (directory / name).chmod(mode)
    for name in ("machine", "word-size", "cut-off"):
        (directory / name).chmod(0o755)
    return directory


def compile(path, text, *flags):
    subprocess.run(["cc", "-x", "c", "-", "-o", path, *flags], input=text, text=True, check=True)


@pytest.fixture
def run(prefix):
    """Runs odmctl run; the environment is that of the tests without preloads."""
    def run(*arguments, environment=None, **options):
        variables = {name: value for name, value in os.environ.items() if name not in ("LD_PRELOAD", "ODM_RUN")}
        return subprocess.run([prefix / "bin/odmctl", "run", *arguments], env=variables | (environment or {}),
                              text=True, capture_output=True, timeout=20, **options)
    return run


@pytest.fixture
def script(tmp_path):
    def script(name, text):
        path = tmp_path / name
        path.write_text(text)
        path.chmod(0o755)
        return path
    return script


# What the program sees

def test_the_environment_has_two_variables_more(run, library):
    done = run("--type", "session-lasting", "--on-net", "--serve", "--strict", "--", "env", "-0")
    seen = dict(line.split("=", 1) for line in done.stdout.rstrip("\0").split("\0"))
    without = {name: value for name, value in os.environ.items() if name not in ("LD_PRELOAD", "ODM_RUN")}
    assert (done.returncode, done.stderr) == (0, "")
    assert seen == without | {"LD_PRELOAD": library, "ODM_RUN": "session-lasting on-net serve strict"}


def test_other_preloads_stay_behind_it(run, library, prefix):
    other = prefix / "other.so"
    compile(other, "int nothing_either;", "-shared", "-fPIC")
    done = run("--type", "fixed", "printenv", "LD_PRELOAD", environment={"LD_PRELOAD": f"{other}:{library}"})
    assert done.stdout == f"{library}:{other}\n"


def test_no_process_is_left_between(prefix):
    process = subprocess.Popen([prefix / "bin/odmctl", "run", "--type", "fixed", "sh", "-c", "echo $$ $PPID"],
                               stdout=subprocess.PIPE, text=True)
    assert process.communicate(timeout=20)[0].split() == [str(process.pid), str(os.getpid())]


def test_what_the_kernel_keeps_for_a_program_is_as_it_was(prefix):
    """Signals, mask for new files, descriptors, limits, session, directory: as without odmctl."""
    show = ["sh", "-c", "grep -E '^(Sig[^Q]|Shd|Umask|NoNewPrivs|Seccomp:|Cap)' /proc/self/status; ls /proc/self/fd; "
            "ulimit -a; cut -d' ' -f6 /proc/self/stat; cat /proc/self/oom_score_adj; pwd"]
    reading, writing = os.pipe()

    def prepare():
        os.umask(0o137)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    outputs = [subprocess.run(words + show, preexec_fn=prepare, pass_fds=[writing], restore_signals=False, check=True,
                              capture_output=True, text=True, timeout=20).stdout
               for words in ([], [prefix / "bin/odmctl", "run", "--type", "fixed"])]
    os.close(reading)
    os.close(writing)
    assert outputs[0] == outputs[1]
    assert "Umask:\t0137" in outputs[0] and f"\n{writing}\n" in outputs[0]


@pytest.mark.parametrize("mark", [[], ["--"]])
def test_arguments_are_the_program_s(run, mark):
    words = ["--type", "x", "--json", "--help", "--", "-h", "", "a b", "\n", "é"]
    done = run("--type", "fixed", *mark, "printf", "[%s]", "first", *words)
    assert done.stdout == "".join(f"[{word}]" for word in ["first", *words])


def test_arguments_need_not_be_text(prefix):
    done = subprocess.run([prefix / "bin/odmctl", "run", "--type", "fixed", "printf", "%s", b"\xff\xfe"],
                          capture_output=True, timeout=20)
    assert done.stdout == b"\xff\xfe"


def test_exit_codes(run, script, programs, tmp_path):
    assert run("--type", "fixed", programs / "loaded").returncode == 7
    assert run("--type", "fixed", "sh", "-c", "kill -TERM $$").returncode == -signal.SIGTERM
    for missing in ("no-such-program", tmp_path / "missing", script("lost", "#!/nonexistent/interpreter\n")):
        done = run("--type", "fixed", missing)
        assert (done.returncode, done.stderr) == (127, f"odmctl: {missing}: No such file or directory\n")
    closed = script("closed", "")
    closed.chmod(0o644)
    done = run("--type", "fixed", closed)
    assert (done.returncode, done.stderr) == (126, f"odmctl: {closed}: Permission denied\n")
    assert run("--type", "fixed", tmp_path).returncode == 126


def test_without_the_library_nothing_runs(prefix, tmp_path):
    (tmp_path / "bin").mkdir()
    shutil.copy(prefix / "bin/odmctl", tmp_path / "bin")
    done = subprocess.run([tmp_path / "bin/odmctl", "run", "--type", "fixed", "echo", "ran"], text=True,
                          capture_output=True, timeout=20)
    assert (done.returncode, done.stdout) == (72, "")
    assert f"none of {tmp_path}/bin/libodm-preload.so, {tmp_path}/lib/odm/libodm-preload.so" in done.stderr


# What is found out

REASONS = {"static": "is linked statically", "static-pie": "is linked statically", "go": "is a Go program",
           "musl": "is loaded by /lib/ld-musl-x86_64.so.1"}
BROKEN = {"machine": "is for another kind of machine", "word-size": "is for another kind of machine",
          "cut-off": "cannot be run: it is cut off"}


@pytest.mark.parametrize("name", REASONS)
def test_what_is_not_reached_runs_as_it_always_does(run, programs, name):
    path = programs / name
    done = run("--type", "fixed", path)
    assert done.stderr.startswith(f"odmctl: the library does not reach {path}: {path} {REASONS[name]}")
    if name != "musl" or os.path.exists("/lib/ld-musl-x86_64.so.1"):
        assert done.stderr.count("\n") == 1 and done.stderr.endswith("; use --kernel\n")
        assert done.returncode == 7


@pytest.mark.parametrize("name, reason", (REASONS | BROKEN).items())
def test_strict_does_not_run_it(run, programs, name, reason):
    done = run("--type", "fixed", "--strict", "--serve", programs / name)
    assert (done.returncode, done.stdout) == (78, "")
    assert reason in done.stderr and done.stderr.count("\n") == 1
    assert done.stderr.endswith("; use --kernel, without --serve and --on-net\n") == (name != "cut-off")


def test_it_has_no_variable_of_ours(run, script, programs):
    """A loader of another libc would fail by our library."""
    shell = script("shell", f"#!{programs / 'static'}\n")
    done = run("--type", "fixed", "--show", "--json", shell, environment={"LD_PRELOAD": "/other.so"})
    shown = json.loads(done.stdout)
    assert shown["environment"] == {} and shown["reached"] is False
    assert shown["paths"] == [str(shell), str(programs / "static")]


@pytest.fixture
def privileging(programs):
    """Where files can give privileges."""
    if os.statvfs(programs).f_flag & os.ST_NOSUID:
        pytest.skip(f"{programs} is on a file system that is mounted with nosuid")
    return programs


@pytest.mark.parametrize("name, reason", [("set-user", "set-user-ID bit"), ("set-group", "set-group-ID bit")])
def test_privileges_are_in_the_way_of_those_who_get_them(run, privileging, name, reason):
    path = privileging / name
    assert (run("--type", "fixed", path).stderr, run("--type", "fixed", path).returncode) == ("", 7)
    done = run("--type", "fixed", path, user=NOBODY, group=NOBODY, extra_groups=[])
    assert done.returncode == 7 and reason in done.stderr
    # They would get nothing.
    bound = ["setpriv", "--no-new-privs", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    odmctl = [path.parent.parent / "bin/odmctl", "run", "--type", "fixed"]
    done = subprocess.run([*bound, *odmctl, path], text=True, capture_output=True, timeout=20)
    assert (done.returncode, done.stderr) == (7, "")


def test_capabilities_are_in_the_way_of_others_than_root(run, privileging):
    path = privileging / "capable"
    shutil.copy(privileging / "loaded", path)
    # VFS_CAP_REVISION_2 with the effective flag, CAP_NET_BIND_SERVICE permitted (linux/capability.h).
    os.setxattr(path, "security.capability", struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0))
    assert run("--type", "fixed", path).stderr == ""
    done = run("--type", "fixed", path, user=NOBODY, group=NOBODY, extra_groups=[])
    assert done.returncode == 7 and "has file capabilities" in done.stderr


def test_what_may_not_be_read_runs(run, programs):
    path = programs / "closed"
    shutil.copy(programs / "static", path)
    path.chmod(0o711)
    done = run("--type", "fixed", "--strict", path, user=NOBODY, group=NOBODY, extra_groups=[])
    assert (done.returncode, done.stderr) == (7, "")


# Scripts

def test_of_a_script_it_is_the_interpreter_that_counts(run, script, programs):
    good = script("good", "#!/bin/sh\necho $ODM_RUN\n")
    assert run("--type", "fixed", "--strict", good).stdout == "fixed strict\n"
    bad = script("bad", f"#!{programs / 'static'} argument\n")
    done = run("--type", "fixed", bad)
    assert done.returncode == 7
    assert done.stderr == (f"odmctl: the library does not reach {bad}: {bad} is run by {programs / 'static'}, which "
                           "is linked statically; use --kernel\n")


@pytest.mark.parametrize("line", ["#!/usr/bin/env static", "#!/usr/bin/env -S A=1 static x"])
def test_env_is_looked_through(run, script, programs, line):
    path = script("by-env", line + "\n")
    done = run("--type", "fixed", path, environment={"PATH": f"{programs}:{os.environ['PATH']}"})
    assert done.returncode == 7 and f"is run by {programs / 'static'}, which is linked statically" in done.stderr


def test_a_text_without_a_first_line_is_for_the_shell(run, script):
    path = script("text", "echo $ODM_RUN\n")
    assert run("--type", "fixed", "--strict", path).stdout == "fixed strict\n"


@pytest.mark.parametrize("depth, outcome", [(5, "runs"), (6, "is refused")])
def test_scripts_may_be_nested_as_the_kernel_nests_them(run, script, depth, outcome):
    path = "/bin/true"
    for number in range(depth):
        path = script(f"nested-{number}", f"#!{path}\n")
    without = subprocess.run([path], check=False) if outcome == "runs" else None
    assert without is None or without.returncode == 0
    done = run("--type", "fixed", "--strict", path)
    assert done.returncode == (0 if outcome == "runs" else 78), done.stderr


# Showing

def test_what_is_shown_does_what_would_be_done(run, tmp_path):
    words = ["sh", "-c", 'printf "%s|" "$ODM_RUN" "$LD_PRELOAD" "$@"; exit 5', "it's", "a b", "$HOME", "a=b", "~", "*"]
    options = ["--type", "graceful-replacement", "--serve"]
    shown = run(*options, "--show", *words)
    assert shown.returncode == 0 and shown.stderr == ""
    assert shown.stdout.splitlines()[-1].startswith("# the library reaches /")
    by_hand = subprocess.run(["sh", "-c", shown.stdout], text=True, capture_output=True, cwd=tmp_path, timeout=20)
    done = run(*options, *words)
    assert (by_hand.stdout, by_hand.returncode) == (done.stdout, done.returncode)
    assert done.returncode == 5


def test_showing_runs_nothing(run, programs, tmp_path):
    run("--type", "fixed", "--show", "touch", tmp_path / "ran")
    assert not (tmp_path / "ran").exists()
    done = run("--type", "fixed", "--show", "--strict", programs / "static")
    assert done.stdout.startswith("# the library does not reach ") and done.stdout.count("\n") == 1
    assert run("--type", "fixed", "--show", "missing").stdout.endswith("missing\n# there is no such program\n")


def test_showing_as_json(run, library):
    done = run("--type", "fixed", "--show", "--json", "true", "x")
    assert json.loads(done.stdout) == {
        "command": ["true", "x"], "environment": {"LD_PRELOAD": library, "ODM_RUN": "fixed"},
        "paths": [shutil.which("true")], "reached": True}
