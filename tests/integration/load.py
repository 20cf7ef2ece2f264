"""Clients that keep asking while something else happens."""

import collections
import itertools
import threading

from client import Client, Failure


class Load:
    """`with Load(address, ask, clients) as load:` calls ask(client, number) over and over, from each of some clients.

    `ask` returns a reply or a Failure. Afterwards `answers` and `failures` hold (number, result) of each call. A client
    stops at its first failure when `until_failure` is set.
    """

    def __init__(self, address, ask, clients=4, until_failure=False):
        self._address, self._ask, self._until_failure = address, ask, until_failure
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(clients)]
        self.answers, self.failures, self.broken = [], [], []

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self.join()
        if self.broken:
            raise self.broken[0]

    def join(self):
        for thread in self._threads:
            thread.join()

    def __len__(self):
        return len(self.answers) + len(self.failures)

    def codes(self):
        """How many failures of each (code, reason, message)."""
        return collections.Counter((failure.code, failure.reason, failure.message) for _, failure in self.failures)

    def _run(self):
        client = Client(self._address)
        try:
            while not self._stop.is_set():
                number = next(self._numbers)
                result = self._ask(client, number)
                failed = isinstance(result, Failure)
                (self.failures if failed else self.answers).append((number, result))
                if failed and self._until_failure:
                    return
        except Exception as error:  # told to the main thread
            self.broken.append(error)
        finally:
            client.close()
