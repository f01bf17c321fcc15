"""exercised.py MODULE [as-ipv6] - runs one module of CPython's tests, and prints the outcome of each test as a line of
JSON: its name and how it ended. With as-ipv6, whoever asks for IPv4 gets IPv6."""

import json
import socket
import sys
import unittest

if sys.argv[2:] == ["as-ipv6"]:
    socket.AF_INET = socket.AF_INET6  # before anybody else imports it

from test import support  # noqa: E402

#: These wait for good on a kernel that has them, but nobody at the other end.
WITHOUT_END = ("VSOCK",)


class Outcomes(unittest.TestResult):
    """Says each test's outcome when it has ended, so that those before a crash are known too."""

    def startTest(self, test):
        super().startTest(test)
        self._worst = None

    def stopTest(self, test):
        super().stopTest(test)
        say(test, self._worst or "ok")

    def addFailure(self, test, error):
        self._end(test, "FAIL", error)

    def addError(self, test, error):
        self._end(test, "ERROR", error)

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self._end(test, "FAIL" if issubclass(error[0], test.failureException) else "ERROR", error)

    def addSkip(self, test, reason):
        self._worst = f"skipped '{reason}'"
        if not isinstance(test, unittest.TestCase):  # a class or a module
            say(test, self._worst)

    def addExpectedFailure(self, test, error):
        self._worst = "expected failure"

    def addUnexpectedSuccess(self, test):
        self._worst = "unexpected success"

    def _end(self, test, word, error):
        """The kind of error is part of the outcome, its text is not: it may have ports in it."""
        self._worst = f"{word} {error[0].__name__}"
        print(self._exc_info_to_string(error, test), file=sys.stderr)
        if not isinstance(test, unittest.TestCase):
            say(test, self._worst)


def say(test, outcome):
    print(json.dumps([test.id(), outcome]), file=REPORT, flush=True)


def tests_of(suite):
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from tests_of(each)
        elif not any(word in each.id() for word in WITHOUT_END):
            yield each


# Tests write to the standard output, and replace it.
REPORT, sys.stdout = sys.stdout, sys.stderr
# What is not about the Internet, but is asked for by the same word.
support.use_resources = ["network"] if sys.argv[1] == "test_socketserver" else []
suite = unittest.defaultTestLoader.loadTestsFromName(f"test.{sys.argv[1]}")
unittest.TestSuite(tests_of(suite)).run(Outcomes())
