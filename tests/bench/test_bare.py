"""The servers that a broker is compared with."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Awaitable, Callable, Iterator

import pytest

from broker.bench import bare
from broker.server.run import GARBAGE_OBJECTS


@pytest.fixture
def as_python_does() -> Iterator[None]:
    """Collect garbage as often as Python does by itself."""
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("as_python_does")
@pytest.mark.parametrize("server", [bare.starlette, bare.broadcasting])
async def test_they_collect_garbage_as_seldom_as_a_broker(
    server: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(bare, "_say_ready", lambda _: ready.set_result(gc.get_threshold()[0]))
    serving = asyncio.ensure_future(server())
    assert await ready == GARBAGE_OBJECTS
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
