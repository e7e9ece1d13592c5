"""A store as plain dicts, written from the page that says what must be true, and from no code of the broker.

It is slow, in memory and obvious: every rule is the sentence of the page. The state machine
holds each real store to it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from colonies.wire.model import Process

WAITING, RUNNING, SUCCESSFUL, FAILED, CANCELLED = range(5)
DAY_US = 24 * 60 * 60 * 1_000_000


class Refused(Exception):
    """With the code that the caller is told."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Model:
    def __init__(self) -> None:
        self.processes: dict[str, dict[str, Any]] = {}
        self.newest: dict[str, str] = {}
        self.logs: dict[str, list[str]] = {}
        self.ended: list[tuple[str, int, int]] = []  # type, state and time of all that became successful or failed

    # — submit —

    def submit(
        self, processid: str, spec: dict[str, Any], submitter: str, now: int
    ) -> tuple[dict[str, Any], list[str]]:
        """The process and the ids of those it superseded."""
        if there := self.processes.get(processid):
            if (there["spec"], there["submitter"]) != (spec, submitter):
                raise Refused("exists")
            return there, []
        superseded = [
            other["id"]
            for other in self.processes.values()
            if spec["latestkey"] and other["spec"]["latestkey"] == spec["latestkey"] and other["state"] == WAITING
        ]
        for older in superseded:
            self._end(self.processes[older], CANCELLED, now, errors=[f"superseded by {processid}"])
        if spec["latestkey"]:
            self.newest[spec["latestkey"]] = processid
        self.processes[processid] = {
            "id": processid,
            "spec": spec,
            "submitter": submitter,
            "submitted": now * 1000,
            "state": WAITING,
            "assignee": "",
            "attempt": 0,
            "retries": 0,
            "start": 0,
            "end": 0,
            "waitdeadline": _after(now, spec["maxwaittime"]),
            "execdeadline": 0,
            "out": [],
            "errors": [],
            "attributes": {},
            "history": [],
        }
        return self.processes[processid], superseded

    # — assign —

    def claim(self, executorid: str, executortype: str, *, latest: bool, now: int) -> dict[str, Any] | None:
        queue = [
            process
            for process in self.processes.values()
            if process["state"] == WAITING
            and self.matches(process["spec"], executorid, executortype)
            and not 0 < process["waitdeadline"] <= now
        ]
        if not queue:
            return None
        process = max(queue, key=lambda p: p["submitted"]) if latest else min(queue, key=self.place)
        process["state"], process["assignee"], process["start"] = RUNNING, executorid, now
        process["attempt"] += 1
        process["execdeadline"] = _after(now, process["spec"]["maxexectime"])
        process["history"] = [*process["history"], [process["attempt"], executorid, now, 0, ""]][-20:]
        return process

    @staticmethod
    def matches(spec: dict[str, Any], executorid: str, executortype: str) -> bool:
        """With a type and ids both must hold; with ids alone the type does not matter."""
        if spec["executorids"] and executorid not in spec["executorids"]:
            return False
        return spec["executortype"] == executortype or (not spec["executortype"] and bool(spec["executorids"]))

    @staticmethod
    def place(process: dict[str, Any]) -> int:
        submitted, priority = process["submitted"], process["spec"]["priority"]
        place: int = submitted - priority * DAY_US
        return place

    # — what its assignee does —

    def close(self, processid: str, by: str, attempt: int | None, *, successful: bool, out: list[Any], now: int) -> Any:
        process = self._known(processid)
        wanted = SUCCESSFUL if successful else FAILED
        closed_by_itself = process["history"] and process["history"][-1][4] in ("successful", "failed")
        is_its_own = closed_by_itself and process["assignee"] == by and attempt in (None, process["attempt"])
        if process["state"] == wanted and is_its_own:
            return process
        self._held(process, by, attempt, now)
        process["out"] = out
        return self._end(process, wanted, now, how="successful" if successful else "failed")

    def set_attribute(self, processid: str, by: str, key: str, value: Any, now: int) -> dict[str, Any]:
        process = self._known(processid)
        self._held(process, by, None, now)
        process["attributes"][key] = value
        return process

    def log(self, processid: str, by: str, message: str, now: int) -> int:
        self._held(self._known(processid), by, None, now)
        self.logs.setdefault(processid, []).append(message)
        return len(self.logs[processid])

    def hand_back(self, processid: str, by: str, attempt: int | None, now: int) -> dict[str, Any]:
        process = self._known(processid)
        if process["state"] == RUNNING and process["assignee"] == by and attempt in (None, process["attempt"]):
            self._requeue(process, now, "handed_back")
        return process

    # — what the broker does —

    def overrun(self, processid: str, attempt: int, now: int) -> dict[str, Any]:
        process = self._known(processid)
        is_over = process["state"] == RUNNING and 0 < process["execdeadline"] <= now
        if not is_over or process["attempt"] != attempt:
            return process
        if process["retries"] == process["spec"]["maxretries"]:
            used = f"{process['retries']} {'retry' if process['retries'] == 1 else 'retries'} used up"
            error = f"maxexectime {process['spec']['maxexectime']} s exceeded, {used}"
            return self._end(process, FAILED, now, how="overrun", errors=[error])
        process["retries"] += 1
        self._requeue(process, now, "overrun")
        return process

    def wait_ended(self, processid: str, now: int) -> dict[str, Any]:
        process = self._known(processid)
        if process["state"] == WAITING and 0 < process["waitdeadline"] <= now:
            self._end(process, FAILED, now, errors=[f"maxwaittime {process['spec']['maxwaittime']} s exceeded"])
        return process

    # — what people do —

    def cancel(self, processid: str, now: int) -> dict[str, Any]:
        process = self._known(processid)
        if process["state"] in (SUCCESSFUL, FAILED):
            raise Refused("wrong_state")
        return process if process["state"] == CANCELLED else self._end(process, CANCELLED, now, how="cancelled")

    def remove(self, processid: str) -> dict[str, Any]:
        process = self._known(processid)
        if process["state"] in (WAITING, RUNNING):
            raise Refused("wrong_state")
        self.logs.pop(processid, None)
        return self.processes.pop(processid)

    # — steps —

    def _known(self, processid: str) -> dict[str, Any]:
        if processid not in self.processes:
            raise Refused("not_found")
        return self.processes[processid]

    def _held(self, process: dict[str, Any], by: str, attempt: int | None, now: int) -> None:
        """It must run on `by`, in this attempt, with time left."""
        if process["state"] == RUNNING:
            if process["assignee"] != by or attempt not in (None, process["attempt"]):
                raise Refused("not_assigned_to_you")
            if 0 < process["execdeadline"] <= now:
                raise Refused("deadline_passed")
        elif process["state"] == WAITING:
            raise Refused("not_assigned_to_you")
        elif process["assignee"] == by and process["history"][-1][4] == "overrun" and process["state"] == FAILED:
            raise Refused("deadline_passed")  # its own lateness ended it
        else:
            raise Refused("wrong_state")

    def _requeue(self, process: dict[str, Any], now: int, how: str) -> None:
        process["history"][-1][3:] = [now, how]
        process["state"], process["assignee"], process["start"], process["execdeadline"] = WAITING, "", 0, 0
        process["waitdeadline"] = _after(now, process["spec"]["maxwaittime"])
        newest = self.newest.get(process["spec"]["latestkey"])
        if newest not in (None, process["id"]):
            self._end(process, CANCELLED, now, errors=[f"superseded by {newest}"])

    def _end(
        self, process: dict[str, Any], state: int, now: int, *, how: str = "", errors: list[str] | None = None
    ) -> dict[str, Any]:
        if process["state"] == RUNNING:
            process["history"][-1][3:] = [now, how]
        process["state"], process["end"] = state, now
        if state != CANCELLED:
            self.ended.append((process["spec"]["executortype"], state, now))
        if errors is not None:
            process["errors"] = errors
        return process


def _after(now: int, seconds: int) -> int:
    return now + seconds * 1000 if seconds > 0 else 0


# — what is compared —


def seen(process: Process) -> dict[str, Any]:
    return {
        "id": process.processid,
        "state": int(process.state),
        "assignee": process.assigneeid,
        "attempt": process.attempt,
        "retries": process.retries,
        "start": process.starttime,
        "end": process.endtime,
        "waitdeadline": process.waitdeadline,
        "execdeadline": process.execdeadline,
        "out": process.out,
        "errors": process.errors,
        "attributes": {attribute.key: attribute.value for attribute in process.attributes},
        "history": [[line.attempt, line.executorid, line.start, line.end, line.ended] for line in process.history],
    }


def expected(process: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in process.items() if key not in ("spec", "submitter", "submitted")}


def lanes(spec: dict[str, Any]) -> set[tuple[str, str]]:
    return {(executorid, spec["executortype"]) for executorid in spec["executorids"] or [""]}


def tally(items: Iterable[Hashable]) -> dict[Any, int]:
    counted: dict[Any, int] = {}
    for item in items:
        counted[item] = counted.get(item, 0) + 1
    return counted
