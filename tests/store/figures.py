"""What the figures beside the processes must be, told from the plain dicts of the model."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from broker.store.base import KEPT_FINISHED_MS, SLOT_MS, Finished
from colonies.wire.figures import FailureGroup

from .model import FAILED, Model, tally


def counted(model: Model) -> dict[tuple[str, int], int]:
    return tally((process["spec"]["executortype"], process["state"]) for process in model.processes.values())


def compare_finished(found: list[Finished], model: Model) -> None:
    """Each slot of the hour before the last that something ended in; older ones may or may not be there still."""
    slots = tally((kind, state, time // SLOT_MS * SLOT_MS) for kind, state, time in model.ended)
    since = max((time for _, _, time in slots), default=0) - KEPT_FINISHED_MS
    seen = {(slot.executortype, int(slot.state), slot.time): slot.number for slot in found}
    assert len(seen) == len(found)
    assert {key: number for key, number in seen.items() if key[2] >= since} == {
        key: number for key, number in slots.items() if key[2] >= since
    }


def compare_failures(found: list[FailureGroup], model: Model) -> None:
    """Of several that failed last at the same moment, any is the last."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for process in model.processes.values():
        if process["state"] == FAILED:
            error = process["errors"][0] if process["errors"] else "no error given"
            groups[process["spec"]["executortype"], re.sub(r"\d+(\.\d+)?", "#", error)].append(process)
    assert {(group.executortype, group.cause): group.number for group in found} == {
        key: len(failed) for key, failed in groups.items()
    }
    assert [group.last for group in found] == sorted((group.last for group in found), reverse=True)
    for group in found:
        failed = groups[group.executortype, group.cause]
        assert group.last == max(process["end"] for process in failed)
        assert group.processid in {process["id"] for process in failed if process["end"] == group.last}
        # Earlier than any that is left, when the first was removed and others were not.
        assert group.first <= min(process["end"] for process in failed)
