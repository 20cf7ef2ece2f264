#!/usr/bin/env python3
"""Adds up what a test run wrote and ends with `N passed, N failed, N skipped`.

usage: summary.py CTEST_XML GTEST_DIR

CTest sees one test a binary; GoogleTest's own reports count the cases in it. A binary that died has no report, or one
without a failure, and then counts as one failure. Skipped cases are listed with their reason: nothing skips in silence.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def read_cases(report):
    """Yields (name, outcome, reason) of each case of a GoogleTest report."""
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None:
            yield name, "failed", ""
        elif skipped is not None:
            yield name, "skipped", (skipped.get("message") or "").strip().splitlines()[-1:]
        elif case.get("status") == "run":
            yield name, "passed", ""


def read_run(ctest_xml, gtest_dir):
    """Yields (name, outcome, reason) of every case of the run."""
    for test in ElementTree.parse(ctest_xml).getroot().iter("testcase"):
        name = test.get("name")
        outcome = {"run": "passed", "notrun": "skipped"}.get(test.get("status"), "failed")
        if outcome == "skipped" and "SKIP_RETURN_CODE" not in test.find("skipped").get("message", ""):
            outcome = "failed"  # its program is missing, or what it builds on failed
        report = gtest_dir / f"{name}.xml"
        try:
            cases = list(read_cases(report)) if report.exists() else []
        except ElementTree.ParseError:
            cases = []
        if outcome == "failed" and not any(found == "failed" for _, found, _ in cases):
            yield name, "failed", ["it ended early or never began; see its output above"]
        elif not cases:
            reason = (test.findtext("system-out") or "").strip().splitlines()[-1:]
            yield name, outcome, reason
        yield from cases


def main():
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for name, outcome, reason in read_run(sys.argv[1], pathlib.Path(sys.argv[2])):
        counts[outcome] += 1
        if outcome != "passed":
            print(f"{outcome}: {name}" + (f": {reason[0]}" if reason else ""))
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
