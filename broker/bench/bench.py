"""One call of `colonies bench`: the machine first, then what is asked for, gathered into one report."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from . import machine
from .ground import Ground
from .program import Say
from .promises import with_promises
from .results import Machine, Report
from .setting import Setting

MACHINE_SECONDS = 1.0


class Bench:
    """seconds: what was asked for; None leaves it to each measurement."""

    def __init__(self, ground: Ground, seconds: float | None, programs: int, say: Say) -> None:
        self._ground = ground
        self._seconds = seconds
        self._programs = programs
        self._say = say
        self._machine: Machine | None = None
        self._store = ""
        self._is_here = True
        self._taken = datetime.now(UTC).isoformat(timespec="seconds")
        self._results: dict[str, Any] = {}

    async def begin(self) -> None:
        """Measure the machine while nothing of ours runs on it."""
        self._say("the machine: signatures and commits")
        self._store, self._is_here = await self._ground.name(), await self._ground.is_here()
        seconds = min(MACHINE_SECONDS, self._seconds or MACHINE_SECONDS)
        self._machine = await asyncio.to_thread(machine.measure, self._ground.folder, seconds=seconds)

    def setting(self, seconds: float) -> Setting:
        """seconds: how long a run is measured unless something else was asked for."""
        assert self._machine is not None
        return Setting(
            self._ground, self._machine, self._seconds or seconds, self._programs, self._say, is_here=self._is_here
        )

    def add(self, **results: Any) -> None:
        """What came of a measurement, by the field of the report."""
        self._results |= results

    def report(self) -> Report:
        assert self._machine is not None
        report = Report(
            taken=self._taken,
            store=self._store,
            own_broker=self._ground.own,
            on_this_machine=self._is_here,
            versions=machine.versions(),
            machine=self._machine,
            **self._results,
        )
        return with_promises(report)
