"""A TCP proxy that lets so much of what a client sends through, and then no more, without closing anything."""

import contextlib
import socket
import threading

CHUNK_BYTES = 1 << 16


class StallingProxy:
    """`with StallingProxy("host:port", bytes_let_through) as proxy:` gives proxy.address, for one connection.

    Answers pass freely. `stalled` is set once all that may pass has passed, or the server closed the connection.
    """

    def __init__(self, server_address, bytes_let_through):
        host, _, port = server_address.rpartition(":")
        self._server, self._left = (host, int(port)), bytes_let_through
        self.stalled = threading.Event()

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self._sockets, self._threads = [self._listener], []
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()

    def _start(self, target, *arguments):
        self._threads.append(threading.Thread(target=target, args=arguments))
        self._threads[-1].start()

    def _accept(self):
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            server = socket.create_connection(self._server)
            self._sockets += [client, server]
            self._start(self._answer, server, client)
            self._send(client, server)

    def _send(self, client, server):
        try:
            while self._left > 0 and (chunk := client.recv(min(CHUNK_BYTES, self._left))):
                server.sendall(chunk)
                self._left -= len(chunk)
        finally:
            self.stalled.set()

    @staticmethod
    def _answer(server, client):
        with contextlib.suppress(OSError):
            while chunk := server.recv(CHUNK_BYTES):
                client.sendall(chunk)
