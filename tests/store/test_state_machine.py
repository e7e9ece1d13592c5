"""Any sequence of moves has on every store the answers and the end that it has in the model."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule, run_state_machine_as_test

from broker.store.base import Store
from broker.store.moves import Changed, Move, Submitted
from colonies.wire.errors import ColoniesError
from colonies.wire.messages import ProcessFilter
from colonies.wire.model import Attribute, Process
from tests.store.model import RUNNING, WAITING, Model, Refused, expected, lanes, seen, tally
from tests.support.builders import HeldColony, Worker, an_id

TYPES = ("cli", "lamp")
Run = Callable[[Coroutine[Any, Any, Any]], Any]
workers = st.integers(0, 2)
attempts = st.sampled_from([None, None, "this", "earlier"])
specs = st.fixed_dictionaries(
    {
        "executortype": st.sampled_from(["cli", "cli", "lamp", ""]),
        "executorids": st.lists(workers, max_size=2, unique=True),
        "priority": st.integers(-1, 1),
        "latestkey": st.sampled_from(["", "", "", "hall", "attic"]),
        "maxwaittime": st.sampled_from([0, 0, 5]),
        "maxexectime": st.sampled_from([0, 3]),
        "maxretries": st.sampled_from([0, 1, 2, -1]),
    }
).filter(lambda spec: bool(spec["executortype"] or spec["executorids"]))


class Moves(RuleBasedStateMachine):
    """Each rule makes one move on both and compares what is answered."""

    processes = Bundle("processes")

    def __init__(self, store: Store, run: Run) -> None:
        super().__init__()
        self.run = run
        self.colony = HeldColony(store=store)
        self.workers = [Worker(an_id(), kind) for kind in (TYPES[0], TYPES[0], TYPES[1])]
        self.model = Model()
        self.specs: dict[str, dict[str, Any]] = {}

    # — rules —

    @rule(target=processes, spec=specs)
    def submit(self, spec: dict[str, Any]) -> str:
        spec = {**spec, "executorids": [self.workers[number].executorid for number in spec["executorids"]]}
        move = self.colony.submission(**{**spec, "executorids": tuple(spec["executorids"])})
        processid = move.process.processid
        self.specs[processid] = spec
        self._both(move, lambda: self.model.submit(processid, spec, self.colony.submitterid, self.colony.now))
        return processid

    @rule(processid=processes, change=st.sampled_from(["nothing", "nothing", "spec", "submitter"]))
    def submit_again(self, processid: str, change: str) -> None:
        spec = self.specs[processid] | ({"priority": 7} if change == "spec" else {})
        submitter = an_id() if change == "submitter" else self.colony.submitterid
        move = self.colony.submission(
            processid=processid, submitterid=submitter, **{**spec, "executorids": tuple(spec["executorids"])}
        )
        if processid not in self.model.processes:  # it was removed: this is a submission like any other
            self.specs[processid] = spec
        self._both(move, lambda: self.model.submit(processid, spec, submitter, self.colony.now))

    @rule(number=workers, latest=st.booleans())
    def claim(self, number: int, latest: bool) -> None:
        worker = self.workers[number]
        self._both(
            self.colony.claiming(worker, latest=latest),
            lambda: self.model.claim(*worker, latest=latest, now=self.colony.now),
        )

    @rule(processid=processes, number=workers, attempt=attempts, successful=st.booleans(), is_holder=st.booleans())
    def close(self, processid: str, number: int, attempt: str | None, successful: bool, is_holder: bool) -> None:
        by, which = self._who(processid, number, is_holder), self._attempt(processid, attempt)
        out = [self.colony.now]
        self._both(
            self.colony.closing(self._process(processid), by=by, attempt=which, successful=successful, out=out),
            lambda: self.model.close(processid, by, which, successful=successful, out=out, now=self.colony.now),
        )

    @rule(processid=processes, number=workers, key=st.sampled_from("ab"), value=st.integers(0, 9))
    def set_attribute(self, processid: str, number: int, key: str, value: int) -> None:
        by = self._who(processid, number, value % 2 == 0)
        self._both(
            self.colony.setting(self._process(processid), Attribute(key=key, value=value), by=by),
            lambda: self.model.set_attribute(processid, by, key, value, self.colony.now),
        )

    @rule(processid=processes, number=workers, is_holder=st.booleans())
    def log(self, processid: str, number: int, is_holder: bool) -> None:
        by = self._who(processid, number, is_holder)
        self._both(
            self.colony.logging(self._process(processid), "line", by=by),
            lambda: self.model.log(processid, by, "line", self.colony.now),
        )

    @rule(processid=processes, number=workers, attempt=attempts, is_holder=st.booleans())
    def hand_back(self, processid: str, number: int, attempt: str | None, is_holder: bool) -> None:
        by, which = self._who(processid, number, is_holder), self._attempt(processid, attempt)
        self._both(
            self.colony.handing_back(self._process(processid), by=by, attempt=which),
            lambda: self.model.hand_back(processid, by, which, self.colony.now),
        )

    @rule(processid=processes, attempt=st.sampled_from(["this", "this", "earlier"]), in_time=st.booleans())
    def overrun(self, processid: str, attempt: str, in_time: bool) -> None:
        self._wait_for(processid, "execdeadline", in_time)
        which = self._attempt(processid, attempt) or 0
        self._both(
            self.colony.overrunning(self._process(processid), attempt=which),
            lambda: self.model.overrun(processid, which, self.colony.now),
        )

    @rule(processid=processes, in_time=st.booleans())
    def wait_ended(self, processid: str, in_time: bool) -> None:
        self._wait_for(processid, "waitdeadline", in_time)
        self._both(
            self.colony.ending_the_wait(self._process(processid)),
            lambda: self.model.wait_ended(processid, self.colony.now),
        )

    @rule(processid=processes)
    def cancel(self, processid: str) -> None:
        self._both(
            self.colony.cancelling(self._process(processid)), lambda: self.model.cancel(processid, self.colony.now)
        )

    @rule(processid=processes)
    def remove(self, processid: str) -> None:
        self._both(self.colony.removing(self._process(processid)), lambda: self.model.remove(processid))

    @rule(milliseconds=st.sampled_from([1, 999, 3000, 86_400_000]))
    def time_passes(self, milliseconds: int) -> None:
        self.colony.now += milliseconds

    def teardown(self) -> None:
        """At the end the store holds what the model holds, in every process, log, count and deadline."""
        store, colonyid = self.colony.store, self.colony.colonyid
        page = self.run(store.page(colonyid, ProcessFilter(), newest=False, limit=500, cursor=""))
        in_order = sorted(self.model.processes.values(), key=lambda process: process["submitted"])
        assert [seen(process) for process in page.processes] == [expected(process) for process in in_order]
        counted = {(count.executortype, int(count.state)): count.number for count in self.run(store.counts(colonyid))}
        assert counted == tally((process["spec"]["executortype"], process["state"]) for process in in_order)
        running = tally(process["assignee"] for process in in_order if process["state"] == RUNNING)
        assert self.run(store.running(colonyid)) == running
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
    often = settings(max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=slow_disk)
    run_state_machine_as_test(OnThisStore, settings=often)
