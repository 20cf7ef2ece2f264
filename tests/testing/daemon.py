"""Runs the real daemon for a script's tests: on free ports, with a state folder of its own, stopped by SIGTERM."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import urllib.request

from wait import wait_until

# Loading and warming up the models of one store, on a busy machine and under a sanitizer.
READY_SECONDS = 120
# The daemon's own bound on draining is 25 s.
STOP_SECONDS = 60


class Daemon:
    """`with Daemon(bin_dir, store) as daemon:` gives a daemon whose models are ready or have failed.

    Leaving the block stops it and raises when it did not end with exit code 0. `prefix` is a command to run it under.
    """

    def __init__(self, bin_dir, store, *flags, prefix=()):
        self.bin_dir = pathlib.Path(bin_dir).resolve()
        self.store = store
        self._prefix, self._flags = prefix, flags
        self._process = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dnnd-test-"))
        self.state_dir, self.ready_file = self.folder / "state", self.folder / "ready.json"
        self._log = self.folder / "log"
        try:
            self.start()
        except BaseException:
            self.kill()
            shutil.rmtree(self.folder)
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            code = self.stop() if self._process is not None else 0
            log = self.log()
        finally:
            shutil.rmtree(self.folder)
        if code != 0 and kind is None:
            raise RuntimeError(f"the daemon ended with {code}:\n{log}")

    def start(self, *more_flags):
        """Starts it on its state folder, for the first time or again, and waits until it is ready."""
        self.ready_file.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self.command(*more_flags), stdout=log, stderr=log)
        try:
            wait_until(self._ready_or_ended, READY_SECONDS, "the ready file")
        finally:
            if not self.ready_file.exists():
                raise RuntimeError(f"the daemon did not get ready:\n{self.log()}")
        self.ready = json.loads(self.ready_file.read_text())
        self.grpc_address, self.http_address = self.ready["grpc_address"], self.ready["http_address"]

    def command(self, *more_flags):
        """Its command line; later flags win."""
        flags = [*self._flags, *more_flags]
        named = {flag.split("=")[0] for flag in map(str, flags) if flag.startswith("--")}
        for flag, value in (("--model-store", self.store), ("--state-dir", self.state_dir),
                            ("--grpc-address", "127.0.0.1:0"), ("--http-address", "127.0.0.1:0"),
                            ("--ready-file", self.ready_file)):
            if flag not in named:
                flags += [flag, value]
        return [str(part) for part in (*self._prefix, self.bin_dir / "dnnd", *flags)]

    def stop(self):
        """SIGTERM, and its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def signal(self, number):
        os.kill(self.pid, number)

    def wait(self):
        """Waits for its end; its exit code."""
        process, self._process = self._process, None
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def kill(self):
        """Ends it as a loss of power would."""
        if self._process is not None:
            self._process.kill()
            self.wait()

    @property
    def pid(self):
        return self._process.pid

    def running(self):
        return self._process is not None and self._process.poll() is None

    def log(self):
        return self._log.read_text(errors="replace")

    def dnnctl(self, *arguments):
        """Standard output of dnnctl, with JSON replies; raises when it fails."""
        command = [self.bin_dir / "dnnctl", "--address", self.grpc_address, "--output", "json", *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def http(self, path):
        """The body of a page of its HTTP listener; raises when the code is not 200."""
        with urllib.request.urlopen(f"http://{self.http_address}{path}", timeout=30) as reply:
            return reply.read().decode()

    def resident_bytes(self):
        return self._status_kilobytes("VmRSS") * 1024

    def peak_resident_bytes(self):
        """Since the start, or since forget_peak()."""
        return self._status_kilobytes("VmHWM") * 1024

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def _status_kilobytes(self, field):
        lines = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(field + ":")).split()[1])

    def _ready_or_ended(self):
        return self.ready_file.exists() or self._process.poll() is not None
