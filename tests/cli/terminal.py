"""A user's terminal: the real command as a process, with folders of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from colonies.wire.identity import Identity
from tests.support.colony import ColonyKeys

COMMAND = Path(sys.executable).with_name("colonies")
SECONDS = 60


class Running:
    """A command that goes on. Its standard output is read line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def line(self) -> str:
        """The next line of standard output."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def said(self, text: str) -> str:
        """Wait for a line on standard error that has this text."""
        assert self.process.stderr is not None
        lines = []
        for line in self.process.stderr:
            lines.append(line)
            if text in line:
                return line
        raise AssertionError(f"never said {text!r}: {''.join(lines)}")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(SECONDS)


class Terminal:
    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.config = folder / "config" / "colonies"
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("COLONIES_")},
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_DATA_HOME": str(folder / "data"),
            "HOME": str(folder),
            **environment,
        }

    def run(
        self, *arguments: str, code: int = 0, stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, which must be this exit code."""
        done = subprocess.run(
            [COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env={**self.environment, **environment},
            cwd=self.folder,
            check=False,
        )
        said = f"{arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == code, said
        assert "Traceback" not in done.stderr, said
        return done

    def out(self, *arguments: str, **options: Any) -> str:
        return self.run(*arguments, **options).stdout.strip()

    def json(self, *arguments: str, **options: Any) -> Any:
        """What a command prints with --json, which has to be one document and nothing else."""
        before = arguments.index("--") if "--" in arguments else len(arguments)
        return json.loads(self.run(*arguments[:before], "--json", *arguments[before:], **options).stdout)

    def refusal(self, *arguments: str, code: int = 1, **options: Any) -> str:
        """The sentence with which a command is refused: one line, and nothing on standard output."""
        done = self.run(*arguments, code=code, **options)
        assert done.stdout == ""
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr.removeprefix("error: ").strip()

    @contextlib.contextmanager
    def running(self, *arguments: str, **environment: str) -> Iterator[Running]:
        """A command that goes on; killed in the end if it still does."""
        process = subprocess.Popen(
            [COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self.environment, "PYTHONUNBUFFERED": "1", **environment},
            cwd=self.folder,
        )
        give_up = threading.Timer(SECONDS, process.kill)
        give_up.start()
        try:
            yield Running(process)
        finally:
            give_up.cancel()
            process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()

    def key_file(self, name: str, key: Identity) -> str:
        path = self.folder / f"{name}.key"
        path.touch(0o600)
        path.write_text(key.private_key)
        return str(path)

    def spec(self, value: Any, *, name: str = "spec.json") -> str:
        path = self.folder / name
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return str(path)


class Lab:
    """A colony on a broker, and a terminal for each of its members."""

    def __init__(self, folder: Path, address: str, keys: ColonyKeys) -> None:
        self.folder = folder
        self.address = address
        self.keys = keys
        self.operator = self.terminal("operator", keys.operator)
        self.owner = self.terminal("owner", keys.owner)
        self.executor = self.terminal("executor", keys.executor)

    def terminal(self, name: str, key: Identity) -> Terminal:
        folder = self.folder / name
        folder.mkdir()
        terminal = Terminal(folder, COLONIES_SERVER=self.address)
        terminal.environment["COLONIES_KEY_FILE"] = terminal.key_file("own", key)
        return terminal
