"""What a client does once it is ready: given the moment to begin, it says what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

Part: TypeAlias = Callable[[float], Awaitable[Any]]


async def until(moment: float) -> None:
    """Return at this moment of the monotonic clock, or at once when it has passed."""
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
