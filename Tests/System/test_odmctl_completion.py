"""What shells complete of odmctl's command line, with what `make install` puts there for them."""

import os
import re
import subprocess

import pytest

SCRIPTS = {
    "bash": "share/bash-completion/completions/odmctl",
    "zsh": "share/zsh/site-functions/_odmctl",
    "fish": "share/fish/vendor_completions.d/odmctl.fish",
}

# As bash does when the tabulator key is pressed at the end of $COMP_LINE, whose words are the arguments.
COMPLETE = """
. "$SCRIPT"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
current=${COMP_WORDS[-1]}; case $current in :|::) current= ;; esac
_odmctl odmctl "$current" "${COMP_WORDS[-2]}"
[ "${#COMPREPLY[@]}" = 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def complete(installed):
    """Call it with a command line; returns the words that bash would offer at its end."""
    def complete(line):
        # COMP_WORDBREAKS has the colon, and a row of them is a word.
        words = [part for word in line.split(" ") for part in re.findall("[^:]+|:+", word) or [""]]
        environment = os.environ | {"SCRIPT": str(installed / SCRIPTS["bash"]), "COMP_LINE": line,
                                    "PATH": f"{installed}/bin:{os.environ['PATH']}"}
        done = subprocess.run(["bash", "--norc", "-c", COMPLETE, "bash", *words], env=environment, text=True,
                              capture_output=True, timeout=10)
        assert done.stderr == ""
        return sorted(done.stdout.split())
    return complete


@pytest.mark.parametrize("shell", SCRIPTS)
def test_there_is_a_script_for_each_shell(installed, shell):
    script = (installed / SCRIPTS[shell]).read_text()
    assert "graceful-replacement" in script and "monitor" in script
    assert shell != "zsh" or script.startswith("#compdef odmctl\n")


def test_bash_reads_its_script(installed):
    subprocess.run(["bash", "-n", installed / SCRIPTS["bash"]], check=True)


@pytest.mark.parametrize("line, words", [
    ("odmctl rel", ["release", "reload"]),
    ("odmctl acquire f", ["fixed"]),
    ("odmctl addresses --type session", ["session-lasting"]),
    ("odmctl release --a", ["--all"]),
    ("odmctl run --type non", ["non-persistent"]),
    ("odmctl run --s", ["--serve", "--show", "--socket", "--strict"]),
    ("odmctl enable-unit x --r", ["--runtime"]),
    ("odmctl --socket /nonexistent/admin release 2", []),
])
def test_bash_completes_without_a_daemon(complete, line, words):
    assert complete(line) == words


def test_bash_completes_what_odmd_has(host, complete):
    _, address = host.socket_with_address()
    odmctl = f"odmctl --socket {host.daemon.admin_socket}"
    first_group, rest = address.split(":", 1)
    for command in ("release", "addresses", "sockets"):
        assert address in complete(f"{odmctl} {command} ")
        assert complete(f"{odmctl} {command} {first_group}:") == [rest]
        assert complete(f"{odmctl} {command} {address[:-1]}") == [address.rsplit(":", 1)[1]]
    assert complete(f"{odmctl} sources h") == complete(f"{odmctl} addresses --source h") == ["home"]
    assert complete(f"{odmctl} sockets --user r") == ["root"]
