"""The commands and the worker of `README.md`, as they stand there, typed by somebody who has nothing yet."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import SECONDS, Terminal

README = (Path(__file__).parents[2] / "README.md").read_text()
(WORKER,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def command(words: str) -> list[str]:
    """The arguments of the one command with these words."""
    lines = [line for line in re.findall(r"^\.venv/bin/colonies (.*)$", README, re.MULTILINE) if words in line]
    assert len(lines) == 1
    return shlex.split(lines[0])


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Without the variables that move the folders of a user, of which the worker says where they are."""
    made = Terminal(tmp_path)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        del made.environment[name]
    # Somebody who knows other brokers already: the commands name whom they talk to.
    made.run("context", "add", "work", "--server", "http://127.0.0.1:1", "--use")
    return made


@pytest.fixture
def address(terminal: Terminal) -> Iterator[str]:
    """What `make run` starts, but on a free port."""
    with terminal.running("dev", "--worker", "--port", "0") as dev:
        yield dev.line().removeprefix("ready ")
        assert dev.end() == 0


@pytest.mark.usefixtures("address")
def test_the_built_in_worker_echoes(terminal: Terminal) -> None:
    assert terminal.json(*command("--func echo"))["out"] == ["hello\n"]


def test_the_worker_does_what_is_submitted_to_it_and_nobody_else_does(terminal: Terminal, address: str) -> None:
    added = terminal.run(*command("executor add"))
    assert "/.config/colonies/keys/executor-desk.key" in added.stderr
    program = subprocess.Popen(
        [sys.executable, "-c", WORKER.replace("http://127.0.0.1:8080", address)],
        env=terminal.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    for _ in range(5):
        assert terminal.json(*command("--func set_lamp"))["out"] == ["on"]
    assert terminal.json(*command("--func echo"))["out"] == ["hello\n"]
    program.terminate()
    said, _ = program.communicate(timeout=SECONDS)
    assert said.splitlines() == ["the lamp is on"] * 5
