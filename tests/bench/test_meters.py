"""What is seen of a broker that somebody else started."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator

import pytest

from broker.bench.connections import bytes_each
from broker.bench.meters import OfMetrics, Reading, usage

Serve = Callable[[str], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Has a server say these lines at /metrics; gives its address."""
    servers = []

    def serving(said: str) -> str:
        class Metrics(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(said.encode())

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        server = http.server.HTTPServer(("127.0.0.1", 0), Metrics)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serving
    for server in servers:
        server.shutdown()
        server.server_close()


async def test_a_broker_that_does_not_say_what_it_uses_is_not_seen(serve: Serve) -> None:
    reading = await OfMetrics(serve("colonies_ready 1\n")).read()
    assert reading == Reading(None, None, 0)
    used = usage(reading, reading, 1.0)
    assert (used.cpu_seconds, used.cores) == (None, None)
    assert bytes_each(reading, reading, 10) is None


async def test_a_broker_that_says_what_it_uses_is_seen(serve: Serve) -> None:
    said = "process_cpu_seconds_total 1.5\nprocess_resident_memory_bytes 2e+06\n"
    assert await OfMetrics(serve(said)).read() == Reading(1.5, 2_000_000, 0)


@pytest.mark.parametrize(("before", "after", "each"), [(1000, 2000, 100.0), (2000, 1000, None), (1000, 1000, None)])
def test_memory_that_did_not_grow_says_nothing_of_a_connection(before: int, after: int, each: float | None) -> None:
    assert bytes_each(Reading(0.0, before, 0), Reading(0.0, after, 0), 10) == each
