"""`odmctl enable-unit` and `disable-unit`: services that know nothing of odmd, started with what the library reads."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from container import run, systemctl

LIBRARY = "/usr/lib/odm/libodm-preload.so"
UNITS = Path("/etc/systemd/system")
RUNTIME = Path("/run/systemd/system")
OUTPUT = Path("/run/unaware")


def odmctl(*arguments):
    return subprocess.run(["odmctl", *arguments], text=True, capture_output=True, timeout=30)


@pytest.fixture
def unit():
    """Makes a service that writes down its environment; removed with what is beside it."""
    names = []

    def unit(name="unaware.service", lines="", program="/bin/sh -c 'env -0 > \"/run/unaware/%n\"'"):
        names.append(name)
        UNITS.joinpath(name).write_text(f"[Service]\nType=oneshot\nExecStart={program}\n{lines}\n")
        systemctl("daemon-reload")
        return name
    OUTPUT.mkdir()
    yield unit
    for name in names:
        UNITS.joinpath(name).unlink()
        for place in (UNITS, RUNTIME):
            for directory in place.glob(f"{name.split('@')[0].removesuffix('.service')}*.d"):
                shutil.rmtree(directory)
    shutil.rmtree(OUTPUT)
    systemctl("daemon-reload")


def environment(name):
    """What the service has when it is started now."""
    systemctl("restart", name)
    lines = OUTPUT.joinpath(name).read_text().rstrip("\0").split("\0")
    return dict(line.split("=", 1) for line in lines)


def wishes(name):
    seen = environment(name)
    return seen.get("LD_PRELOAD"), seen.get("ODM_RUN")


def drop_in(name, place=UNITS):
    return place / f"{name}.d/50-odm.conf"


def test_a_service_is_started_with_what_the_library_reads(unit):
    name = unit()
    before = UNITS.joinpath(name).read_text()
    done = odmctl("enable-unit", "unaware", "--type", "session-lasting", "--serve", "--strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{drop_in(name)} written", "It counts from the next start on: systemctl restart unaware.service"]
    assert wishes(name) == (LIBRARY, "session-lasting serve strict")
    assert UNITS.joinpath(name).read_text() == before
    assert drop_in(name).stat().st_mode & 0o777 == 0o644


def test_it_is_replaced_and_taken_back(unit):
    name = unit()
    odmctl("enable-unit", name, "--type", "fixed", "--on-net")
    odmctl("enable-unit", name, "--type", "non-persistent")
    assert wishes(name) == (LIBRARY, "non-persistent")
    done = odmctl("disable-unit", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{drop_in(name)} removed\n")
    assert not drop_in(name).parent.exists()
    assert wishes(name) == (None, None)
    done = odmctl("disable-unit", name)
    assert (done.returncode, done.stdout) == (0, f"nothing to remove: enable-unit has written nothing for {name}\n")


def test_what_the_unit_preloads_is_kept(unit):
    name = unit(lines='Environment=A=1 "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libdl.so.2" "B=a b"')
    for _ in range(2):
        odmctl("enable-unit", name, "--type", "fixed")
    seen = environment(name)
    assert seen["LD_PRELOAD"] == f"{LIBRARY}:/usr/lib/x86_64-linux-gnu/libdl.so.2"
    assert (seen["A"], seen["B"]) == ("1", "a b")


def test_until_the_next_boot(unit):
    name = unit()
    assert odmctl("enable-unit", name, "--type", "fixed", "--runtime").returncode == 0
    assert drop_in(name, RUNTIME).exists() and not drop_in(name).exists()
    assert wishes(name) == (LIBRARY, "fixed")
    odmctl("enable-unit", name, "--type", "non-persistent")
    done = odmctl("enable-unit", name, "--type", "fixed", "--runtime")
    assert done.returncode == 65 and f"{drop_in(name)} is there and would count" in done.stderr
    assert odmctl("disable-unit", name).stdout.count(" removed\n") == 2
    assert not drop_in(name, RUNTIME).exists() and not drop_in(name).exists()


def test_what_others_wrote_is_left_alone(unit):
    name = unit()
    drop_in(name).parent.mkdir()
    drop_in(name).write_text("[Service]\nEnvironment=C=2\n")
    for command in (["enable-unit", name, "--type", "fixed"], ["disable-unit", name]):
        done = odmctl(*command)
        assert (done.returncode, done.stderr) == (
            65, f"odmctl: {drop_in(name)} was not written by odmctl, which leaves it alone\n")
    assert drop_in(name).read_text() == "[Service]\nEnvironment=C=2\n"


def test_other_drop_ins_stay(unit):
    name = unit()
    drop_in(name).parent.mkdir()
    drop_in(name).with_name("60-mine.conf").write_text("[Service]\nEnvironment=C=2\n")
    odmctl("enable-unit", name, "--type", "fixed")
    assert environment(name)["C"] == "2"
    odmctl("disable-unit", name)
    assert [path.name for path in drop_in(name).parent.iterdir()] == ["60-mine.conf"]


@pytest.mark.parametrize("name, words", [
    ("missing", "there is no unit missing.service"), ("missing@x", "there is no unit missing@x.service"),
    ("missing@", "there is no unit missing@.service"), ("getty.target", "another kind of unit"),
    ("../odmd", "has no slash in its name"), ("/etc/x.service", "has no slash in its name"), ("a b", "no unit can be"),
])
def test_units_that_are_not_there_are_refused(name, words):
    done = odmctl("enable-unit", name, "--type", "fixed")
    assert done.returncode in (64, 65) and words in done.stderr
    assert not list(UNITS.glob("missing*")) and done.stdout == ""


def test_a_masked_unit_is_refused(unit):
    name = unit()
    run("systemctl", "mask", "--runtime", "masked-unaware.service")
    try:
        done = odmctl("enable-unit", "masked-unaware", "--type", "fixed")
        assert (done.returncode, done.stderr) == (65, "odmctl: masked-unaware.service is masked\n")
        assert name == "unaware.service"
    finally:
        run("systemctl", "unmask", "--runtime", "masked-unaware.service")


def test_templates_and_their_instances(unit):
    unit("unaware@.service")
    done = odmctl("enable-unit", "unaware@", "--type", "fixed")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("systemctl restart 'unaware@*.service'\n")
    instance = r"unaware@a\x2db.service"
    assert odmctl("enable-unit", instance, "--type", "session-lasting").returncode == 0
    assert wishes("unaware@x.service") == (LIBRARY, "fixed")
    assert wishes(instance) == (LIBRARY, "session-lasting")
    odmctl("disable-unit", instance)
    assert wishes(instance) == (LIBRARY, "fixed")
    odmctl("disable-unit", "unaware@.service")
    assert wishes(instance) == (None, None)


# What is in the way

@pytest.mark.parametrize("line, words", [
    ("PrivateNetwork=yes", "PrivateNetwork=yes"),
    ("RestrictAddressFamilies=AF_INET6", "RestrictAddressFamilies= leaves out AF_UNIX"),
    ("RestrictAddressFamilies=~AF_UNIX AF_PACKET", "RestrictAddressFamilies= leaves out AF_UNIX"),
    ("RootDirectory=/srv", "RootDirectory="),
])
def test_a_sandbox_that_is_in_the_way_is_told(unit, line, words):
    name = unit(lines=line)
    done = odmctl("enable-unit", name, "--type", "fixed")
    assert done.returncode == 0 and drop_in(name).exists()
    assert done.stderr.startswith(f"odmctl: {name}: {words}") and done.stderr.count("\n") == 1
    odmctl("disable-unit", name)
    done = odmctl("enable-unit", name, "--type", "fixed", "--strict")
    assert done.returncode == 78 and "with --strict nothing is changed" in done.stderr
    assert not drop_in(name).exists()


@pytest.mark.parametrize("line", [
    "RestrictAddressFamilies=AF_UNIX AF_INET6", "RestrictAddressFamilies=~AF_PACKET", "ProtectSystem=strict",
    "ProtectHome=yes\nPrivateTmp=yes\nNoNewPrivileges=yes\nPrivateDevices=yes",
])
def test_other_sandboxes_are_not_in_the_way(unit, line):
    done = odmctl("enable-unit", unit(lines=line), "--type", "fixed", "--strict")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_program_that_is_not_reached_is_told(unit, tmp_path):
    program = tmp_path / "static"
    subprocess.run(["cc", "-x", "c", "-", "-static", "-o", program], input="int main(void) { return 0; }", text=True,
                   check=True)
    name = unit(program=f"/bin/true\nExecStart=-{program} argument")
    done = odmctl("enable-unit", name, "--type", "fixed", "--json")
    warning = f"the library does not reach {program}: {program} is linked statically"
    assert json.loads(done.stdout) == {"file": str(drop_in(name)), "unit": name, "warnings": [warning]}
    assert done.stderr == f"odmctl: {name}: {warning}\n"
    assert json.loads(odmctl("disable-unit", name, "--json").stdout) == {
        "unit": name, "removed": [str(drop_in(name))]}


def test_it_takes_an_administrator(unit):
    name = unit()
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "odmctl", "enable-unit", name,
                           "--type", "fixed"], text=True, capture_output=True, timeout=30)
    assert done.returncode == 77 and "Permission denied" in done.stderr
    assert not drop_in(name).parent.exists()


def test_shells_complete_services(unit):
    name = unit()
    words = ["odmctl", "enable-unit", ""]
    done = subprocess.run(["odmctl", "---completion", "enable-unit", "--", "positional@0", "2", "0", *words], text=True,
                          capture_output=True, timeout=30, env=os.environ | {"SAP_SHELL": "bash"})
    assert {name, "odmd.service"} <= set(done.stdout.split())
