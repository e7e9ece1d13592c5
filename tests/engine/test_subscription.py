"""One subscription: what stands is told once."""

from __future__ import annotations

from msgspec.structs import replace

from broker.channels.hub import Channel
from broker.engine.announcer import encode_event
from broker.engine.subscription import Subscription
from colonies.wire.frames import Notification, decode_messages
from colonies.wire.model import Conditions, Process, ProcessSpec, State

PROCESS = Process(
    processid="process-1",
    colonyid="c",
    submitterid="s",
    spec=ProcessSpec(conditions=Conditions(executortype="cli"), func="f"),
    submissiontime=1,
)


class Heard:
    def __init__(self) -> None:
        self.frames: list[bytes] = []
        channels: list[Channel] = []
        self.subscription = Subscription(self.frames.append, 1, owner="o", channels=channels, group=None)

    def events(self) -> list[str]:
        messages = [message for frame in self.frames for message in decode_messages(frame)]
        return [message.params["event"] for message in messages if isinstance(message, Notification)]


def look(heard: Heard, process: Process = PROCESS) -> None:
    heard.subscription.push_standing(process, states=[State.WAITING], event="backlog")


def test_what_was_seen_standing_is_not_told_again_when_it_is_announced() -> None:
    heard = Heard()
    look(heard)
    heard.subscription.push(encode_event("submitted", PROCESS))
    assert heard.events() == ["backlog"]


def test_what_comes_to_be_so_once_more_is_told_again() -> None:
    heard = Heard()
    look(heard)
    heard.subscription.push(encode_event("submitted", PROCESS))
    heard.subscription.push(encode_event("requeued", PROCESS))
    assert heard.events() == ["backlog", "requeued"]


def test_another_process_is_told() -> None:
    heard = Heard()
    look(heard)
    heard.subscription.push(encode_event("submitted", replace(PROCESS, processid="process-2")))
    assert heard.events() == ["backlog", "submitted"]


def test_what_was_told_before_the_look_is_not_told_by_it() -> None:
    heard = Heard()
    heard.subscription.push(encode_event("submitted", PROCESS))
    look(heard)
    assert heard.events() == ["submitted"]


def test_what_is_in_no_wanted_state_is_not_told() -> None:
    heard = Heard()
    look(heard, replace(PROCESS, state=State.RUNNING))
    assert heard.events() == []
