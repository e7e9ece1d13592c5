"""Pings are answered, and neither they nor fragments can make a broker keep more than a little."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from itertools import pairwise

import pytest
from websockets.frames import Frame, Opcode

from broker.server.websocket import MAX_FRAGMENTS, ColoniesSocket
from tests.support.sockets import LOOPS, PATIENCE, attended, on

MakeLoop = Callable[[], asyncio.AbstractEventLoop]


def ping(number: int) -> bytes:
    """As large as a ping may be."""
    return Frame(Opcode.PING, struct.pack("!Q", number) + bytes(117)).serialize(mask=True)


async def fill(wire: ColoniesSocket) -> int:
    """Write until the peer, which does not read, is known not to. Returns how many bytes of frames."""
    written = 0
    while wire.is_writable:
        assert wire.write(bytes(60_000))
        written += 60_004
        await asyncio.sleep(0)
    return written


async def receive(client: socket.socket, number: int) -> bytes:
    client.setblocking(False)
    received = b""
    while len(received) < number:
        received += await asyncio.get_running_loop().sock_recv(client, number - len(received))
    return received


@pytest.mark.parametrize("make_loop", LOOPS)
def test_who_pings_and_does_not_read_makes_nothing_grow_and_gets_the_last_pong(make_loop: MakeLoop) -> None:
    async def scenario() -> None:
        async with attended() as (wire, attendant, client):
            written = await fill(wire)
            kept = wire.transport.get_write_buffer_size()
            client.setblocking(False)
            for number in range(2000):
                await asyncio.get_running_loop().sock_sendall(client, ping(number))
            client.settimeout(PATIENCE)
            await asyncio.to_thread(client.sendall, Frame(Opcode.BINARY, b"the pings came").serialize(mask=True))
            await attendant.took.wait()
            assert wire.transport.get_write_buffer_size() <= kept
            await receive(client, written)
            pong = await receive(client, 2 + 125)
            assert pong == Frame(Opcode.PONG, struct.pack("!Q", 1999) + bytes(117)).serialize(mask=False)

    on(make_loop, scenario)


async def test_pings_of_a_peer_that_reads_are_all_answered() -> None:
    async with attended() as (_, _attendant, client):
        for number in range(300):
            client.sendall(ping(number))
            pong = await receive(client, 2 + 125)
            client.settimeout(PATIENCE)
            assert pong[2:10] == struct.pack("!Q", number)


async def test_a_silent_peer_that_does_not_read_is_asked_once_it_reads() -> None:
    async with attended() as (wire, _, client):
        written = await fill(wire)
        for _ in range(3):
            wire.ping()
        await receive(client, written)
        assert await receive(client, 2) == Frame(Opcode.PING, b"").serialize(mask=False)


async def test_a_message_of_fragments_without_number_takes_no_more_room_than_what_is_in_it() -> None:
    async with attended() as (wire, attendant, client):
        data = [bytes([number % 251]) if number % 3 else b"" for number in range(5 * MAX_FRAGMENTS)]
        opcodes = [Opcode.BINARY] + [Opcode.CONT] * (len(data) - 1)
        stream = b"".join(
            Frame(opcode, piece, fin=False).serialize(mask=True) for opcode, piece in zip(opcodes, data, strict=True)
        )
        most = 0
        for start, stop in pairwise([*range(0, len(stream), 4096), len(stream)]):
            await asyncio.to_thread(client.sendall, stream[start:stop])
            most = max(most, len(wire.frames))
        await asyncio.to_thread(client.sendall, Frame(Opcode.CONT, b"!").serialize(mask=True))
        await attendant.took.wait()
        assert attendant.taken == [b"".join(data) + b"!"]
        assert most <= MAX_FRAGMENTS
