"""What was promised, beside what was measured: only what was measured, and on the store it was promised for."""

from __future__ import annotations

from collections.abc import Iterator
from operator import ge, le, lt
from typing import Any

import msgspec

from .results import Lifecycle, Promise, Report

LIFECYCLES = {("sqlite", 8, 8): 0.20, ("sqlite", 32, 32): 0.25, ("mongodb", 32, 32): 0.10}
SUBMIT_BATCH, SUBMITS = 100, 0.8


def promises(report: Report) -> Report:
    """The same report with its promises."""
    return msgspec.structs.replace(report, promises=list(_all(report)))


def _all(report: Report) -> Iterator[Promise]:
    store = report.store.partition(" ")[0]
    for one in report.lifecycle:
        yield from _lifecycle(store, one)
    if store == "sqlite" and report.submit and report.submit.batch == SUBMIT_BATCH:
        yield _of_v(f"one producer, batches of {SUBMIT_BATCH}, {store}", SUBMITS, report.submit.rate.of_verifications)


def _lifecycle(store: str, one: Lifecycle) -> Iterator[Promise]:
    if promised := LIFECYCLES.get((store, one.producers, one.workers)):
        what = f"lifecycle, {one.producers} producers and {one.workers} workers, {store}"
        yield _of_v(what, promised, one.rate.of_verifications)


def _of_v(what: str, promised: float, measured: float) -> Promise:
    return _promise(what, ge, promised, measured, "V")


def _promise(what: str, holds: Any, promised: float, measured: float, unit: str) -> Promise:
    sign = {ge: "≥", le: "≤", lt: "<"}[holds]
    return Promise(
        what=what,
        promised=f"{sign} {promised:g} {unit}".strip(),
        measured=f"{measured:.3g} {unit}".strip(),
        reached=bool(holds(measured, promised)),
    )
