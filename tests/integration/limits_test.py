"""Bounds on what connections may take: descriptors, compressed messages, connections at once."""

import contextlib
import socket

import case
import grpc
from client import Client, Failure
from wait import wait_until

# Fewer than the connections below, enough for the daemon's own files.
DESCRIPTORS = 128
CONNECTIONS = 300
BACK_SECONDS = 30
MEGABYTE = 1 << 20


def address_of(daemon):
    host, _, port = daemon.grpc_address.rpartition(":")
    return host, int(port)


class DescriptorsTest(case.DaemonCase):
    @classmethod
    def start_daemon(cls, cleanup, store, *flags, **named):
        return super().start_daemon(cleanup, store, *flags, prefix=("prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"))

    def test_new_clients_are_served_again_after_descriptors_ran_out(self):
        _, picture = case.shapes_pictures()[0]
        self.assertNotIsInstance(self.client.classify("shapes", picture), Failure)
        with contextlib.ExitStack() as idle:
            for _ in range(CONNECTIONS):
                idle.enter_context(socket.create_connection(address_of(self.daemon)))
            newcomer = Client(self.daemon.grpc_address)
            idle.callback(newcomer.close)
            refused = newcomer.classify("shapes", picture, seconds=1)
            self.assertIsInstance(refused, Failure, "descriptors did not run out")
            # Who was connected before is served on.
            self.assertNotIsInstance(self.client.classify("shapes", picture), Failure)

        def served():
            client = Client(self.daemon.grpc_address)
            try:
                return not isinstance(client.classify("shapes", picture, seconds=2), Failure)
            finally:
                client.close()

        wait_until(served, BACK_SECONDS, "a new connection is served")


class CompressionTest(case.DaemonCase):
    def test_a_compressed_request_is_refused_before_it_is_inflated(self):
        for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            with self.subTest(compression.name):
                resident = self.daemon.resident_bytes()
                self.daemon.forget_peak()
                failure = self.client.classify("shapes", bytes(200 * MEGABYTE), compression=compression)
                self.assertIsInstance(failure, Failure)
                self.assertEqual("UNIMPLEMENTED", failure.code, failure)
                growth = self.daemon.peak_resident_bytes() - resident
                self.figure("memory that it took (MB)", growth // MEGABYTE)
                self.assertLess(growth, 20 * MEGABYTE)


class ConnectionsTest(case.DaemonCase):
    flags = ("--max-connections", "4")

    def test_connections_over_the_bound_are_closed_at_once(self):
        self.assertEqual("SERVING", self.client.health_of())
        with contextlib.ExitStack() as opened:
            sockets = [opened.enter_context(socket.create_connection(address_of(self.daemon))) for _ in range(6)]
            # gRPC speaks first on a connection that it keeps; one that is closed ends without a word.
            for each in sockets:
                each.settimeout(BACK_SECONDS)
            self.assertEqual([True] * 3 + [False] * 3, [len(each.recv(9)) > 0 for each in sockets])
        self.assertEqual("SERVING", self.client.health_of())
