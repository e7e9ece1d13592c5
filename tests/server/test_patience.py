"""Whoever connects has to ask something in time; what is asked may take its time to be answered."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.broker import Broker
from tests.support.sockets import PATIENCE, serving

SOON = 1.0
FOREVER = 1000.0
GET = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"


class Files:
    """An application with a small file and one that is sent in two pieces, the second once it is allowed to leave."""

    def __init__(self) -> None:
        self.may_go_on = asyncio.Event()

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/small", self.small), Route("/slow", self.slow)])

    async def small(self, _: Request) -> Response:
        return PlainTextResponse("small")

    async def slow(self, _: Request) -> Response:
        return StreamingResponse(self._pieces())

    async def _pieces(self) -> AsyncIterator[bytes]:
        yield b"first"
        await self.may_go_on.wait()
        yield b"second"


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    """What came before the end, a reset among them: what is sent to one that was closed is refused."""
    try:
        return await asyncio.wait_for(reader.read(), PATIENCE)
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("said", [b"", b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"])
async def test_who_does_not_end_what_it_asks_is_closed(said: bytes) -> None:
    async with serving(Files().app(), patience_seconds=SOON) as port, connected(port) as (reader, writer):
        writer.write(said)
        assert await until_closed(reader) == b""


async def test_who_does_not_end_what_it_asks_next_is_closed() -> None:
    async with serving(Files().app(), patience_seconds=SOON) as port, connected(port) as (reader, writer):
        writer.write(GET % b"small")
        await reader.readuntil(b"small")
        writer.write(b"GET /small HTTP/1.1\r\n")  # which stops the server's own timer
        assert await until_closed(reader) == b""


async def test_a_body_that_nobody_wants_does_not_keep_a_connection() -> None:
    async with serving(Files().app(), patience_seconds=SOON) as port, connected(port) as (reader, writer):
        writer.write(b"POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        assert b"405" in await reader.readuntil(b"\r\n")
        writer.write(b"x")  # which stops the server's own timer
        await until_closed(reader)


async def test_a_slow_answer_is_not_cut_off() -> None:
    files = Files()
    async with serving(files.app(), patience_seconds=SOON) as port, connected(port) as (reader, writer):
        writer.write(GET % b"slow" + GET % b"small")
        await reader.readuntil(b"first")
        async with connected(port) as (idle, _):
            await until_closed(idle)  # so the patience for what began before it would have ended too
        files.may_go_on.set()
        assert (await until_closed(reader)).count(b"200 OK") == 1


async def test_one_connection_serves_many_requests() -> None:
    async with serving(Files().app(), patience_seconds=FOREVER) as port, connected(port) as (reader, writer):
        for _ in range(3):
            writer.write(GET % b"small")
            assert (await asyncio.wait_for(reader.readuntil(b"small"), PATIENCE)).startswith(b"HTTP/1.1 200 OK")


async def test_a_broker_waits_ten_seconds_for_a_request(broker: Broker) -> None:
    async with connected(broker.port) as (reader, writer):
        writer.write(b"GET /ws HTTP/1.1\r\nHost: x\r\n")
        assert await asyncio.wait_for(reader.read(), 60) == b""
