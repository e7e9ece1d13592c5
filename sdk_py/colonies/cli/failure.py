"""What a command says when it cannot do what it was asked: one sentence, and an exit code."""

from __future__ import annotations

from typing import NoReturn

from colonies.wire import errors

REFUSED, USAGE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130


class Failure(Exception):
    """Ends the command. sentence: for people, on standard error; empty when everything has been said."""

    def __init__(self, sentence: str = "", *, code: int = REFUSED) -> None:
        super().__init__(sentence)
        self.sentence, self.code = sentence, code


def refuse(sentence: str) -> NoReturn:
    """The command was understood and cannot be done."""
    raise Failure(sentence)


def misused(sentence: str) -> NoReturn:
    """The command was called in a way that makes no sense."""
    raise Failure(sentence, code=USAGE)


def exit_code(error: errors.ColoniesError) -> int:
    return UNREACHABLE if isinstance(error, errors.Unavailable) else REFUSED
