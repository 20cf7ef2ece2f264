"""The one way in which scripts wait: for a condition, with a deadline."""

import time

POLL_SECONDS = 0.02


def wait_until(condition, seconds, what):
    """The first true value that condition() gives; TimeoutError naming `what` when none came in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(POLL_SECONDS)
