#!/usr/bin/env python3
"""Runs one file of integration tests with the real programs.

usage: run.py [--long] BIN_DIR TEST [CASE]...      BIN_DIR holds dnnd, dnnctl and dnnbench; TEST is a file without .py

--long takes more time and more work: for figures that are worth quoting. Under CTest the cases are reported as those of
GoogleTest are, in the folder that GTEST_OUTPUT names. Exits with 77 when the Python packages cannot be had.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "testing")]

import environment  # noqa: E402


def generate_stubs(folder):
    """dnnd.v1 for Python, by the command that proto/README.md gives to everyone."""
    protos = environment.ROOT / "proto"
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"-I{protos}", f"--python_out={folder}",
                    f"--grpc_python_out={folder}", *map(str, sorted((protos / "dnnd/v1").glob("*.proto")))], check=True)
    sys.path.insert(0, folder)


class Result(unittest.TextTestResult):
    """Keeps what the report needs, and prints how long each case took."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.report = ElementTree.Element("testsuites")

    def startTest(self, test):
        super().startTest(test)
        self._start = time.monotonic()
        self._case = ElementTree.SubElement(self.report, "testcase", status="run", name=test._testMethodName,
                                            classname=type(test).__name__)

    def stopTest(self, test):
        self.stream.writeln(f"  {time.monotonic() - self._start:.1f} s")
        super().stopTest(test)

    def _failed(self):
        ElementTree.SubElement(self._case, "failure")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._failed()

    def addError(self, test, error):
        super().addError(test, error)
        if isinstance(test, unittest.TestCase):
            self._failed()
        else:  # a class or module that could not be set up
            self._case = ElementTree.SubElement(self.report, "testcase", status="run", name="setup", classname=str(test))
            self._failed()

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self._failed()

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if not isinstance(test, unittest.TestCase):
            self._case = ElementTree.SubElement(self.report, "testcase", status="run", name="all", classname=str(test))
        ElementTree.SubElement(self._case, "skipped", message=reason)


def write_report(result, test):
    kind, _, folder = os.environ.get("GTEST_OUTPUT", "").partition(":")
    if kind == "xml":
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        ElementTree.ElementTree(result.report).write(pathlib.Path(folder, f"integration_{test}.xml"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("bin_dir")
    parser.add_argument("test")
    parser.add_argument("case", nargs="*", help="Class.method")
    arguments = parser.parse_args()
    python = environment.python()
    if pathlib.Path(sys.prefix) != environment.FOLDER:
        os.execv(python, [str(python), *sys.argv])
    with tempfile.TemporaryDirectory(prefix="dnnd-stubs-") as stubs:
        generate_stubs(stubs)
        import case
        case.BIN_DIR, case.LONG = pathlib.Path(arguments.bin_dir).resolve(), arguments.long
        names = [f"{arguments.test}.{name}" for name in arguments.case] or [arguments.test]
        suite = unittest.defaultTestLoader.loadTestsFromNames(names)
        result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Result).run(suite)
    write_report(result, arguments.test)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
