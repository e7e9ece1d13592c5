"""What holds of a dialogue whatever is asked, answered, lost and forgotten, in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from colonies import errors
from colonies.asked import Asked
from colonies.wire.frames import (
    Request,
)
from colonies.wire.identity import Identity

from .talk import ANN, BOB, Heard, Talk

METHODS_ASKED = ("process.submit", "process.assign", "process.close", "log.add", "server.info")
STEPS = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(METHODS_ASKED), st.sampled_from([ANN, BOB]), st.integers(0, 300)),
    st.tuples(st.sampled_from(["hear", "lose", "open", "drain"])),
    st.tuples(st.sampled_from(["answer", "refuse", "forget"]), st.integers(0, 1000)),
)


class Law:
    """Drives a dialogue at random, and remembers what must hold of it."""

    def __init__(self) -> None:
        self.talk = Talk(inflight=5, batch=3, frame=1024)
        self.asked: list[tuple[Asked, Heard]] = []
        self.forgotten: set[int] = set()
        self.assigned = 0
        self.back = 0
        self.said_once: list[bytes] = []

    def step(self, name: str, *given: Any) -> None:
        getattr(self, name)(*given)

    def ask(self, method: str, key: Identity, size: int) -> None:
        params = {"timeout": 1} if method == "process.assign" else {"mark": f"{len(self.asked)}", "pad": "x" * size}
        self.asked.append(self.talk.ask(method, key, **params))

    def hear(self) -> None:
        for frame in self.talk.hear():
            for request in frame:
                if request.method == "log.add":
                    self.said_once.append(request.params["mark"])

    def lose(self) -> None:
        self.talk.lose()
        self.talk.unanswered = {}

    def open(self) -> None:
        if not self.talk.dialogue.is_open:
            self.talk.open()

    def drain(self) -> None:
        if self.talk.dialogue.is_open:
            self.talk.notify("draining", reconnect=0)

    def _with_one(self, which: int, act: Callable[[Request], None]) -> None:
        if self.talk.unanswered:
            act(list(self.talk.unanswered.values())[which % len(self.talk.unanswered)][1])

    def answer(self, which: int) -> None:
        self._with_one(which, self._answer)

    def _answer(self, request: Request) -> None:
        if request.method == "process.assign":
            self.assigned += 1
            self.talk.answer(request, {"processid": f"process-{self.assigned}", "attempt": 1})
            return
        self.back += request.method == "process.hand_back"
        self.talk.answer(request, {})

    def refuse(self, which: int) -> None:
        self._with_one(which, lambda request: self._refuse(request))

    def _refuse(self, request: Request) -> None:
        if request.method != "process.hand_back":
            self.talk.answer(request, error=errors.WrongState("no"))

    def forget(self, which: int) -> None:
        if self.asked:
            asked, heard = self.asked[which % len(self.asked)]
            if not heard.times:
                self.talk.dialogue.forget(asked)
                self.forgotten.add(which % len(self.asked))

    def finish(self) -> None:
        """Answer everything that is still to be said."""
        self.lose()
        self.open()
        while not self.talk.dialogue.is_idle:
            self.hear()
            for _, request in list(self.talk.unanswered.values()):
                self._answer(request)


@given(st.lists(STEPS, max_size=60))
def test_everything_is_answered_once_within_all_limits_and_no_process_is_lost(steps: list[tuple[Any, ...]]) -> None:
    law = Law()
    for step in steps:
        law.step(*step)
    law.finish()
    for number, (_, heard) in enumerate(law.asked):
        assert heard.times == (0 if number in law.forgotten else 1)
    assert len(law.said_once) == len(set(law.said_once))
    received = sum(len(heard.results) for asked, heard in law.asked if asked.method == "process.assign")
    assert law.assigned == received + law.back
