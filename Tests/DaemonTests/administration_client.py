"""Calls every method of odmd's administration interface with the varlink package.

The daemon behind it is the tests' fake, which refuses Acquire and Reload and grants the rest.
Usage: administration_client.py SOCKET
"""
import sys

import varlink


def expect(condition, what):
    if not condition:
        sys.exit(f"unexpected: {what}")


def error_of(call):
    try:
        call()
    except varlink.VarlinkError as error:
        return error.error(), error.parameters()
    return None


def main(path):
    client = varlink.Client(address="unix:" + path)
    with client.open("org.varlink.service") as service:
        info = service.GetInfo()
        expect(info["interfaces"] == ["org.odmd.Manager", "org.varlink.service"], info)

    with client.open("org.odmd.Manager") as manager:
        expect(manager.Status()["version"] == "0.1.0", "version")
        addresses = manager.ListAddresses()["addresses"]
        expect([a["address"] for a in addresses] == [f"2001:db8::{n}" for n in (1, 2, 3)], addresses)
        networks = manager.Status()["networks"]
        expect([n["interface"] for n in networks] == ["wlan0", "eth0"], networks)
        expect(manager.ListSockets()["sockets"][0]["cookie"] == "1a2b", "sockets")
        expect(manager.ListSources()["sources"][0]["place"] == "route", "sources")
        expect(manager.ListSources()["sources"][1]["kind"] == "ra", "sources")
        expect(manager.ListRules()["rules"][0]["users"] == [1, 4294967294], "rules")
        expect(manager.GetConfiguration()["settings"][1]["line"] == 7, "configuration")
        explanation = manager.Explain(type="fixed", user=1, groups=[5])
        expect(explanation["considered"][1]["reason"] == "no_network", explanation)
        expect(
            error_of(lambda: manager.Explain(type="fixed", pid=1 << 30))
            == ("org.odmd.Manager.ProcessNotFound", {"pid": 1 << 30}),
            "Explain of a process that is not there",
        )
        expect(
            error_of(lambda: manager.Acquire("fixed"))
            == ("org.odmd.Manager.RequestRefused", {"reason": "exhausted", "errno": 99}),
            "Acquire",
        )
        expect(manager.Metrics()["text"].endswith("# EOF\n"), "Metrics")
        expect(manager.SetLogLevel("debug") == {}, "SetLogLevel")
        expect(
            error_of(lambda: manager.SetLogLevel("loud"))
            == ("org.varlink.service.InvalidParameter", {"parameter": "level"}),
            "SetLogLevel of what is no level",
        )
        expect(manager.Release("2001:db8::1") == {"removed": True, "sockets": 0}, "Release")
        expect(manager.ReleaseAll() == {"removed": 2, "leaving": 1}, "ReleaseAll")
        expect(
            error_of(manager.Reload)
            == ("org.odmd.Manager.ConfigurationInvalid", {"errors": ["/etc/odmd/odmd.conf:1: x"]}),
            "Reload",
        )
        expect(
            error_of(lambda: manager.Release("home"))
            == ("org.varlink.service.InvalidParameter", {"parameter": "address"}),
            "Release of what is no address",
        )
        expect(error_of(manager.Monitor) == ("org.varlink.service.ExpectedMore", {}), "Monitor without more")

    with client.open("org.odmd.Manager") as manager:
        for _, reply in zip(range(3), manager.Monitor(_more=True)):
            expect(reply["event"]["replacement"] == "2001:db8:1::1", reply)
    print("all calls answered as described")


main(sys.argv[1])
