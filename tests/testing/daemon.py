"""Runs the real daemon for a script's tests: on free ports, with a state folder of its own, stopped by SIGTERM."""

import json
import pathlib
import signal
import subprocess
import tempfile
import time

# Loading and warming up the models of one store, on a busy machine and under a sanitizer.
READY_SECONDS = 120
# The daemon's own bound on draining is 25 s.
STOP_SECONDS = 60


class Daemon:
    """`with Daemon(bin_dir, store) as daemon:` gives a daemon whose models are ready or have failed.

    Leaving the block stops it and raises when it did not end with exit code 0.
    """

    def __init__(self, bin_dir, store, *flags):
        self.bin_dir = pathlib.Path(bin_dir).resolve()
        self._folder = tempfile.TemporaryDirectory(prefix="dnnd-test-")
        self._ready_file = pathlib.Path(self._folder.name, "ready.json")
        self._log = pathlib.Path(self._folder.name, "log")
        self._command = [
            self.bin_dir / "dnnd", "--model-store", store, "--state-dir", pathlib.Path(self._folder.name, "state"),
            "--grpc-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0", "--ready-file", self._ready_file, *flags]

    def __enter__(self):
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        end = time.monotonic() + READY_SECONDS
        while not self._ready_file.exists():
            if self._process.poll() is not None or time.monotonic() > end:
                self._process.kill()
                raise RuntimeError(f"the daemon did not get ready:\n{self._log.read_text()}")
            time.sleep(0.02)
        ready = json.loads(self._ready_file.read_text())
        self.grpc_address, self.http_address = ready["grpc_address"], ready["http_address"]
        return self

    def __exit__(self, kind, *_):
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        log = self._log.read_text()
        self._folder.cleanup()
        if code != 0 and kind is None:
            raise RuntimeError(f"the daemon ended with {code}:\n{log}")

    def dnnctl(self, *arguments):
        """Standard output of dnnctl, with JSON replies; raises when it fails."""
        command = [self.bin_dir / "dnnctl", "--address", self.grpc_address, "--output", "json", *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
