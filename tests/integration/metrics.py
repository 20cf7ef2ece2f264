"""Reads Prometheus' text format, as /metrics gives it."""

import collections
import re

SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


class Metrics:
    """One scrape."""

    def __init__(self, text):
        self.samples = []
        for line in text.splitlines():
            if line and not line.startswith("#"):
                name, labels, value = SAMPLE.match(line).groups()
                self.samples.append((name, dict(LABEL.findall(labels or "")), float(value)))

    def find(self, name, **labels):
        """(labels, value) of every sample of that name with these labels."""
        return [(found, value) for sample, found, value in self.samples
                if sample == name and all(found.get(key) == wanted for key, wanted in labels.items())]

    def sum(self, name, **labels):
        return sum(value for _, value in self.find(name, **labels))

    def models(self):
        """Every value of the label `model`."""
        return {labels["model"] for _, labels, _ in self.samples if "model" in labels}

    def share_within(self, histogram, seconds, since=None, **labels):
        """Share of the observations that are at most `seconds`, a bound of a bucket; of those after the scrape `since`."""
        counts = collections.Counter()
        for scrape, sign in ((self, 1), (since, -1)):
            for found, value in scrape.find(histogram + "_bucket", **labels) if scrape is not None else ():
                counts[float(found["le"])] += sign * value
        return counts[seconds] / counts[float("inf")] if counts[float("inf")] else None
