"""How every command ends: an exit code, and where it is not 0, one sentence on standard error and no traceback."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from colonies.wire import errors

from .failure import INTERRUPTED, Failure, exit_code


def run(app: typer.Typer, arguments: Sequence[str], *, name: str) -> int:
    """Run a command and return its exit code. name: what it is called in its help."""
    try:
        code = typer.main.get_command(app).main(arguments, prog_name=name, standalone_mode=False)
    except typer.TyperException as error:
        return _say_misuse(error)
    except (typer.Abort, KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    except Failure as failure:
        return _say(failure.sentence, failure.code)
    except errors.ColoniesError as error:
        return _say(error.message, exit_code(error))
    return code if isinstance(code, int) else 0


def _say_misuse(error: Any) -> int:
    """A sentence and where the help is; without any arguments, the help itself."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return int(error.exit_code)
    hint = f" (`{context.command_path} --help` says what there is)" if context else ""
    return _say(error.format_message().strip().rstrip(".").replace("\n", " ") + hint, error.exit_code)


def _say(sentence: str, code: int) -> int:
    if sentence:
        text = Text.assemble(("error: ", "bold red"), sentence)
        Console(stderr=True, highlight=False, soft_wrap=True).print(text)
    return code
