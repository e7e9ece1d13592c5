"""Cursors of listings: where a page ended, and how many matched when the listing began."""

from __future__ import annotations

import re
from typing import NamedTuple

from colonies.wire import errors
from colonies.wire.validation import describe

# Eighteen digits: whatever a client makes up still is a number that every store can hold.
_FORM = re.compile(r"(-?[0-9]{1,18})\.([0-9]{1,18})\.([0-9a-zA-Z_-]{1,64})")


class Cursor(NamedTuple):
    """submitted: µs of the last process of the page before."""

    submitted: int
    total: int
    processid: str

    def text(self) -> str:
        return f"{self.submitted}.{self.total}.{self.processid}"


def read_cursor(text: str) -> Cursor | None:
    """The cursor of a request, None for a first page. BadRequest when it is none of ours."""
    if not text:
        return None
    match = _FORM.fullmatch(text)
    if not match:
        raise errors.BadRequest("cursor", "the cursor of the page before, unchanged", describe(text))
    return Cursor(int(match[1]), int(match[2]), match[3])
