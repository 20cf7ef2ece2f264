#!/usr/bin/env python3
"""Tests summary.py on small reports: what counts as passed, failed and skipped, and what must never be lost."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

import summary  # noqa: E402

GTEST = """<testsuites><testsuite name="A">
<testcase name="Passes" classname="A" status="run" result="completed"/>
<testcase name="Fails" classname="A" status="run" result="completed"><failure message="got 1"/></testcase>
<testcase name="Skips" classname="A" status="run" result="skipped"><skipped message="a.cc:7&#x0A;no data"/></testcase>
<testcase name="DISABLED_Waits" classname="A" status="notrun" result="suppressed"/>
</testsuite></testsuites>"""

ALL_PASS = """<testsuites><testsuite name="A">
<testcase name="Passes" classname="A" status="run" result="completed"/></testsuite></testsuites>"""


class SummaryTest(unittest.TestCase):
    def read(self, ctest, reports):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "ctest.xml").write_text(f"<testsuite>{ctest}</testsuite>")
            for name, text in reports.items():
                (folder / f"{name}.xml").write_text(text)
            return list(summary.read_run(folder / "ctest.xml", folder))

    def test_counts_the_cases_of_a_binary(self):
        self.assertEqual(
            [("A.Passes", "passed", ""), ("A.Fails", "failed", ""), ("A.Skips", "skipped", ["no data"])],
            self.read('<testcase name="a_test" status="fail"/>', {"a_test": GTEST}))

    def test_a_script_counts_as_itself(self):
        self.assertEqual([("demo", "passed", ["8 of 8"])],
                         self.read('<testcase name="demo" status="run"><system-out>x\n8 of 8</system-out></testcase>', {}))

    def test_a_binary_that_died_is_a_failure_whatever_its_report_says(self):
        for name, report in (("none", {}), ("cut off", {"a_test": "<testsuites>"}), ("only passes", {"a_test": ALL_PASS})):
            with self.subTest(name):
                found = self.read('<testcase name="a_test" status="fail"/>', report)
                self.assertEqual(["a_test"], [case for case, outcome, _ in found if outcome == "failed"])

    def test_a_script_that_skips_itself_is_skipped_with_its_last_line(self):
        self.assertEqual([("tour", "skipped", ["no data"])], self.read(
            '<testcase name="tour" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>'
            '<system-out>no data</system-out></testcase>', {}))

    def test_a_missing_program_is_a_failure(self):
        found = self.read('<testcase name="tour" status="notrun"><skipped message="Unable to find executable"/></testcase>', {})
        self.assertEqual(["failed"], [outcome for _, outcome, _ in found])


if __name__ == "__main__":
    unittest.main()
