"""`colonies process` on everything that matches, why processes failed, and a log that is followed line by line."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.sdk.strange_broker import StrangeBroker
from tests.support.broker import Broker
from tests.support.colony import spec
from tests.support.peer import Peer, peer

from .screen import running_on_a_screen
from .terminal import COMMAND, SECONDS, Lab, Terminal


def submit(lab: Lab, *funcs: str) -> list[str]:
    """Submit processes, and return their ids in that order."""
    specs = lab.operator.spec([spec(func) for func in funcs])
    return [process["processid"] for process in lab.operator.json("process", "submit", "--spec", specs)]


def as_executor(lab: Lab, broker: Broker, act: Callable[[Peer, dict[str, Any]], Any], *, times: int = 1) -> None:
    """Be assigned so many processes, and do something with each."""

    async def work() -> None:
        async with peer(broker.address) as link:
            for _ in range(times):
                await act(link, await link.call(lab.keys.executor, "process.assign", timeout=20))

    asyncio.run(work())


def fail_all(lab: Lab, broker: Broker, errors: Sequence[str]) -> None:
    left = iter(errors)

    async def fail(link: Peer, process: dict[str, Any]) -> None:
        ended = {"processid": process["processid"], "successful": False, "errors": [next(left)]}
        await link.call(lab.keys.executor, "process.close", **ended)

    as_executor(lab, broker, fail, times=len(errors))


def states(lab: Lab) -> list[int]:
    return [process["state"] for process in lab.operator.json("process", "list", "--oldest")]


def answering(
    terminal: Terminal, answer: str, *arguments: str, meanwhile: Callable[[], object] = lambda: None
) -> tuple[int, str, str]:
    """Run a command that asks somebody at a terminal. meanwhile: called when it has asked, before the answer.

    Returns the exit code, what it printed, and what it said before the question mark.
    """
    own, its = pty.openpty()
    try:
        process = subprocess.Popen(
            [COMMAND, *arguments],
            stdin=its,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=terminal.environment,
            cwd=terminal.folder,
        )
        assert process.stderr is not None
        question = ""
        while (letter := process.stderr.read(1)) not in ("", "?"):
            question += letter
        meanwhile()
        os.write(own, f"{answer}\n".encode())
        printed, _ = process.communicate(timeout=SECONDS)
        return process.returncode, printed.strip(), question
    finally:
        os.close(own)
        os.close(its)


def test_all_that_match_are_cancelled_retried_and_removed(lab: Lab) -> None:
    submit(lab, "a", "b", "a")
    move = ("process", "cancel", "--matching", "--func", "a", "--yes")
    assert lab.operator.json(*move) == {"matched": 2, "done": 2}
    assert states(lab) == [4, 0, 4]
    assert lab.operator.out("process", "retry", "--matching", "--yes") == "retried 2 of 2"
    assert lab.operator.json("process", "retry", "--matching", "--yes") == {"matched": 2, "done": 0}
    assert states(lab) == [4, 0, 4, 0, 0]
    assert lab.operator.out("process", "remove", "--matching", "--state", "cancelled", "--yes") == "removed 2 of 2"
    assert states(lab) == [0, 0, 0]


def test_a_dry_run_only_counts_and_a_limit_takes_the_oldest(lab: Lab) -> None:
    submit(lab, *"abcde")
    move = ("process", "cancel", "--matching", "--limit", "2")
    assert lab.operator.json(*move, "--dry-run") == {"matched": 5, "done": 0}
    assert lab.operator.out(*move, "--dry-run") == "5 match, 2 would be cancelled"
    assert states(lab) == [0, 0, 0, 0, 0]
    assert lab.operator.json(*move, "--yes") == {"matched": 5, "done": 2}
    assert states(lab) == [4, 4, 0, 0, 0]


def test_nothing_is_done_before_somebody_agreed_to_the_number(lab: Lab) -> None:
    submit(lab, "a", "a", "b")
    move = ("process", "cancel", "--matching", "--func", "a")
    assert "--yes" in lab.operator.refusal(*move, code=2)
    assert answering(lab.operator, "n", *move) == (2, "", "Cancel 2 of 2 processes that match")
    assert states(lab) == [0, 0, 0]
    code, printed, _ = answering(lab.operator, "y", *move, meanwhile=lambda: submit(lab, "a"))
    assert (code, printed) == (0, "cancelled 2 of 3")
    assert states(lab) == [4, 4, 0, 0]


async def test_one_who_waits_sees_how_far_it_is_and_interrupted_what_stays_done(lab: Lab) -> None:
    async with StrangeBroker.open() as strange:
        lab.operator.environment["COLONIES_SERVER"] = strange.address
        move = ("process", "cancel", "--matching", "--yes")
        with running_on_a_screen(lab.operator, *move, columns=80) as cancelling:
            guest = await strange.guest()
            counting = await guest.asked("process.cancel_matching")
            await guest.answer(counting, {"matched": 3000, "done": 0})
            cancel = await guest.asked("process.cancel_matching")
            assert (counting.params["dryrun"], cancel.params["limit"]) == (True, 3000)
            await guest.notify("progress", id=cancel.id, done=1280, matched=3000)
            await asyncio.to_thread(cancelling.screen.wait_for, "cancelled 1,280 of 3,000")
            assert await asyncio.to_thread(cancelling.end, signal.SIGINT) == 130
            assert cancelling.screen.lines()[-1] == "stopped after about 1,280 of 3,000; what was cancelled stays so"


def test_where_nothing_matches_nobody_is_asked(lab: Lab) -> None:
    assert lab.operator.json("process", "retry", "--matching", "--func", "none") == {"matched": 0, "done": 0}


@pytest.mark.parametrize("arguments", [[], ["4f1c0000", "--matching"], ["4f1c0000", "--func", "a"], ["--func", "a"]])
def test_one_process_and_all_that_match_are_not_mixed_up(lab: Lab, arguments: list[str]) -> None:
    assert "--matching" in lab.operator.refusal("process", "remove", *arguments, "--yes", code=2)


def test_what_the_broker_does_not_do_is_refused_in_its_words(lab: Lab) -> None:
    assert "state" in lab.operator.refusal("process", "retry", "--matching", "--state", "waiting", "--yes")
    viewer = lab.terminal("viewer", lab.keys.viewer)
    assert "operator" in viewer.refusal("process", "cancel", "--matching", "--yes")


def test_failures_are_told_by_cause_and_what_failed_for_one_is_found(lab: Lab, broker: Broker) -> None:
    ids = submit(lab, "resize", "resize", "resize")
    fail_all(lab, broker, ["no disk 7", "no disk 12", "too hot"])
    (last, first) = lab.operator.json("process", "failures")
    assert (last["number"], last["cause"], last["processid"]) == (1, "too hot", ids[2])
    assert (first["number"], first["func"], first["executortype"]) == (2, "resize", "cli")
    assert first["cause"] in lab.operator.out("process", "failures", "--type", "cli")
    assert lab.operator.json("process", "failures", "--type", "other") == []
    found = lab.operator.json("process", "list", "--oldest", "--cause", first["cause"])
    assert [process["processid"] for process in found] == ids[:2]
    assert lab.operator.out("process", "retry", "--matching", "--cause", first["cause"], "--yes") == "retried 2 of 2"


def test_processes_are_found_by_their_executor(lab: Lab, broker: Broker) -> None:
    ids = submit(lab, "a", "b")
    fail_all(lab, broker, ["oh"])
    (name,) = [executor["executorname"] for executor in lab.operator.json("executor", "list")]
    for executor in (name, lab.keys.executor.id):
        found = lab.operator.json("process", "list", "--executor", executor)
        assert [process["processid"] for process in found] == ids[:1]


def test_a_followed_log_is_printed_line_by_line_as_it_grows(lab: Lab, broker: Broker) -> None:
    (processid,) = submit(lab, "x")
    with lab.operator.running("process", "logs", processid, "--follow") as follow:

        async def log_and_close(link: Peer, process: dict[str, Any]) -> None:
            for number in range(3):
                message = {"processid": process["processid"], "message": f"line {number}"}
                await link.call(lab.keys.executor, "log.add", **message)
                printed = await asyncio.to_thread(follow.line)  # before there is a next one
                assert printed.endswith(f"line {number}")
            await link.call(lab.keys.executor, "process.close", processid=processid, successful=True)

        as_executor(lab, broker, log_and_close)
        assert follow.process.wait(20) == 0


def test_following_the_log_of_what_is_not_there_is_refused(lab: Lab) -> None:
    assert "process" in lab.operator.refusal("process", "logs", "--follow", "4f1c0000")
