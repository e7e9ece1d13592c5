"""Why a session is over."""

from __future__ import annotations

from typing import NamedTuple

from colonies.wire.errors import CloseCode


class Ending(NamedTuple):
    """Why a session is over. code None: the peer has gone, there is nobody to tell."""

    code: CloseCode | None
    reason: str = ""


GONE = Ending(None)
DRAINED = Ending(CloseCode.DRAINING, "this broker is stopping")
