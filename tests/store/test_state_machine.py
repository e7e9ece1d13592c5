"""Any sequence of moves has on every store the answers and the end that it has in the model."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from broker.store.base import Store
from broker.store.moves import Changed, Move, Submitted
from colonies.wire.errors import ColoniesError
from colonies.wire.model import Attribute, Process
from colonies.wire.params import ProcessFilter
from tests.store.figures import compare_failures, compare_finished, counted
from tests.store.model import RUNNING, WAITING, Model, Refused, expected, lanes, seen, tally
from tests.store.strategies import TYPES, Pick, attempts, mostly, picks, rarely, running, specs, waiting, workers
from tests.support.builders import HeldColony, Worker, an_id

Run = Callable[[Coroutine[Any, Any, Any]], Any]


class Moves(RuleBasedStateMachine):
    """Each rule makes one move on both and compares what is answered."""

    def __init__(self, store: Store, run: Run) -> None:
        super().__init__()
        self.run = run
        self.colony = HeldColony(store=store)
        self.workers = [Worker(an_id(), kind) for kind in (TYPES[0], TYPES[0], TYPES[1])]
        self.model = Model()
        self.specs: dict[str, dict[str, Any]] = {}

    # — rules —

    @initialize(several=st.lists(specs, min_size=3, max_size=4))
    def begin(self, several: list[dict[str, Any]]) -> None:
        self.submit(several)

    @rule(several=st.lists(specs, min_size=1, max_size=3))
    def submit(self, several: list[dict[str, Any]]) -> None:
        for spec in several:
            self._submit(spec)

    def _submit(self, spec: dict[str, Any]) -> None:
        spec = {**spec, "executorids": [self.workers[number].executorid for number in spec["executorids"]]}
        move = self.colony.submission(**{**spec, "executorids": tuple(spec["executorids"])})
        processid = move.process.processid
        self.specs[processid] = spec
        self._both(move, lambda: self.model.submit(processid, spec, self.colony.submitterid, self.colony.now))

    @precondition(lambda self: self.specs)
    @rule(pick=picks, change=st.sampled_from(["nothing", "nothing", "spec", "submitter"]))
    def submit_again(self, pick: Pick, change: str) -> None:
        processid = self._pick(pick)
        spec = self.specs[processid] | ({"priority": 7} if change == "spec" else {})
        submitter = an_id() if change == "submitter" else self.colony.submitterid
        move = self.colony.submission(
            processid=processid, submitterid=submitter, **{**spec, "executorids": tuple(spec["executorids"])}
        )
        if processid not in self.model.processes:  # it was removed: this is a submission like any other
            self.specs[processid] = spec
        self._both(move, lambda: self.model.submit(processid, spec, submitter, self.colony.now))

    @precondition(lambda self: self._is_any(WAITING))
    @rule(claims=st.lists(st.tuples(workers, st.booleans()), min_size=1, max_size=3))
    def claim(self, claims: list[tuple[int, bool]]) -> None:
        for number, latest in claims:
            worker = self.workers[number]
            self._both(
                self.colony.claiming(worker, latest=latest),
                partial(self.model.claim, *worker, latest=latest, now=self.colony.now),
            )

    @precondition(lambda self: self._is_any(RUNNING))
    @rule(pick=running, number=workers, attempt=attempts, successful=st.booleans(), is_holder=mostly)
    def close(self, pick: Pick, number: int, attempt: str | None, successful: bool, is_holder: bool) -> None:
        processid = self._pick(pick)
        by, which = self._who(processid, number, is_holder), self._attempt(processid, attempt)
        out = [self.colony.now]
        self._both(
            self.colony.closing(self._process(processid), by=by, attempt=which, successful=successful, out=out),
            lambda: self.model.close(processid, by, which, successful=successful, out=out, now=self.colony.now),
        )

    @precondition(lambda self: self._is_any(RUNNING))
    @rule(pick=running, number=workers, key=st.sampled_from("ab"), value=st.integers(0, 9))
    def set_attribute(self, pick: Pick, number: int, key: str, value: int) -> None:
        processid = self._pick(pick)
        by = self._who(processid, number, value % 2 == 0)
        self._both(
            self.colony.setting(self._process(processid), Attribute(key=key, value=value), by=by),
            lambda: self.model.set_attribute(processid, by, key, value, self.colony.now),
        )

    @precondition(lambda self: self._is_any(RUNNING))
    @rule(pick=running, number=workers, is_holder=mostly)
    def log(self, pick: Pick, number: int, is_holder: bool) -> None:
        processid = self._pick(pick)
        by = self._who(processid, number, is_holder)
        self._both(
            self.colony.logging(self._process(processid), "line", by=by),
            lambda: self.model.log(processid, by, "line", self.colony.now),
        )

    @precondition(lambda self: self._is_any(RUNNING))
    @rule(pick=running, number=workers, attempt=attempts, is_holder=mostly)
    def hand_back(self, pick: Pick, number: int, attempt: str | None, is_holder: bool) -> None:
        processid = self._pick(pick)
        by, which = self._who(processid, number, is_holder), self._attempt(processid, attempt)
        self._both(
            self.colony.handing_back(self._process(processid), by=by, attempt=which),
            lambda: self.model.hand_back(processid, by, which, self.colony.now),
        )

    @precondition(lambda self: self._is_any(RUNNING))
    @rule(pick=running, attempt=st.sampled_from(["this"] * 3 + ["earlier"]), in_time=rarely)
    def overrun(self, pick: Pick, attempt: str, in_time: bool) -> None:
        processid = self._pick(pick)
        self._wait_for(processid, "execdeadline", in_time)
        which = self._attempt(processid, attempt) or 0
        self._both(
            self.colony.overrunning(self._process(processid), attempt=which),
            lambda: self.model.overrun(processid, which, self.colony.now),
        )

    @precondition(lambda self: self._is_any(WAITING))
    @rule(pick=waiting, in_time=rarely)
    def wait_ended(self, pick: Pick, in_time: bool) -> None:
        processid = self._pick(pick)
        self._wait_for(processid, "waitdeadline", in_time)
        self._both(
            self.colony.ending_the_wait(self._process(processid)),
            lambda: self.model.wait_ended(processid, self.colony.now),
        )

    @precondition(lambda self: self.specs)
    @rule(pick=picks, and_remove=st.booleans())
    def cancel(self, pick: Pick, and_remove: bool) -> None:
        processid = self._pick(pick)
        now = self.colony.now + 1  # at which `_process` names it
        self._both(self.colony.cancelling(self._process(processid)), partial(self.model.cancel, processid, now))
        if and_remove:
            self._both(self.colony.removing(self._process(processid)), partial(self.model.remove, processid))

    @rule(milliseconds=st.sampled_from([1, 999, 3000, 86_400_000]))
    def time_passes(self, milliseconds: int) -> None:
        self.colony.now += milliseconds

    def teardown(self) -> None:
        """At the end the store holds what the model holds, in every process, log, figure and deadline."""
        store, colonyid = self.colony.store, self.colony.colonyid
        page = self.run(store.page(colonyid, ProcessFilter(), newest=False, limit=500, cursor=""))
        in_order = sorted(self.model.processes.values(), key=lambda process: process["submitted"])
        assert [seen(process) for process in page.processes] == [expected(process) for process in in_order]
        counts = {(count.executortype, int(count.state)): count.number for count in self.run(store.counts(colonyid))}
        assert counts == counted(self.model)
        compare_finished(self.run(store.finished(colonyid, since=0)), self.model)
        compare_failures(self.run(store.failures(colonyid, executortype=None, limit=500)), self.model)
        busy = tally(process["assignee"] for process in in_order if process["state"] == RUNNING)
        assert self.run(store.running(colonyid)) == busy
        for process in page.processes:
            logs = self.run(store.logs(process.processid, since=0, limit=100))
            assert [line.message for line in logs] == self.model.logs.get(process.processid, [])
            self._compare_ahead(process)

    def _compare_ahead(self, process: Process) -> None:
        """Those ahead share a lane with it: they name the same type alone, or one of its executors in the same way."""
        mine = self.model.processes[process.processid]
        before = [
            other
            for other in self.model.processes.values()
            if other["state"] == WAITING
            and lanes(mine["spec"]) & lanes(other["spec"])
            and Model.place(other) < Model.place(mine)
        ]
        ahead = self.run(self.colony.store.ahead(process))
        assert ahead == (len(before) if mine["state"] == WAITING else 0)

    # — both sides —

    def _both(self, move: Move[Any], in_model: Callable[[], Any]) -> None:
        (outcome,) = self.run(self.colony.store.apply([move]))
        try:
            right = in_model()
        except Refused as refused:
            right = refused
        if isinstance(right, Refused) or isinstance(outcome, ColoniesError):
            assert getattr(outcome, "code", outcome) == getattr(right, "code", right)
            return
        if isinstance(outcome, Submitted):
            right, superseded = right
            assert sorted(older.processid for older in outcome.superseded) == sorted(superseded)
            for older in outcome.superseded:
                assert seen(older) == expected(self.model.processes[older.processid])
        answer = outcome.after if isinstance(outcome, Changed) else outcome
        answer = answer.process if isinstance(answer, Submitted) else answer
        assert (seen(answer) if isinstance(answer, Process) else answer) == (
            expected(right) if isinstance(right, dict) else right
        )

    def _is_any(self, state: int) -> bool:
        return any(process["state"] == state for process in self.model.processes.values())

    def _pick(self, pick: Pick) -> str:
        """A process in that state, or any that ever was, removed ones included."""
        wanted, number = pick
        state = {"running": RUNNING, "waiting": WAITING}.get(wanted)
        found = [process["id"] for process in self.model.processes.values() if process["state"] == state]
        choice = found or list(self.specs)
        processid: str = choice[number % len(choice)]
        return processid

    def _process(self, processid: str) -> Process:
        """Enough of a process to name it in a move."""
        spec = self.specs[processid]
        move = self.colony.submission(processid=processid, **{**spec, "executorids": tuple(spec["executorids"])})
        return move.process

    def _who(self, processid: str, number: int, is_holder: bool) -> str:
        assignee: str = self.model.processes.get(processid, {}).get("assignee", "")
        return assignee if is_holder and assignee else self.workers[number].executorid

    def _attempt(self, processid: str, which: str | None) -> int | None:
        attempt: int = self.model.processes.get(processid, {}).get("attempt", 1)
        return None if which is None else attempt if which == "this" else attempt - 1

    def _wait_for(self, processid: str, deadline: str, in_time: bool) -> None:
        """Let the time of this deadline come, or all but its last moment."""
        until = self.model.processes.get(processid, {}).get(deadline, 0)
        # `_process` moves the clock by one when it makes the move.
        self.colony.now = max(self.colony.now, until - 2 if in_time else until)


def test_any_sequence_of_moves_ends_as_in_the_model(held_store: tuple[Store, Run]) -> None:
    class OnThisStore(Moves):
        def __init__(self) -> None:
            super().__init__(*held_store)

    slow_disk = [HealthCheck.too_slow]
    often = settings(max_examples=120, stateful_step_count=40, deadline=None, suppress_health_check=slow_disk)
    run_state_machine_as_test(OnThisStore, settings=often)
