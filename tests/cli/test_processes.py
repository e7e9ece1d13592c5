"""`colonies process`, `subscribe` and `stats`: submitting, finding, following."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import Any

import pytest

from tests.support.broker import Broker
from tests.support.colony import spec
from tests.support.peer import peer

from .terminal import Lab, Running


def submit(lab: Lab, func: str = "nothing", *options: str) -> str:
    """Submit what nobody will run, and return its id."""
    return lab.operator.out("process", "submit", "--func", func, "--type", "other", *options)


def test_a_spec_file_is_submitted_and_the_id_printed(lab: Lab) -> None:
    processid = lab.operator.out("process", "submit", "--spec", lab.operator.spec(spec("sleep", args=["3"])))
    process = lab.operator.json("process", "get", processid)
    assert (process["state"], process["spec"]["func"], process["spec"]["args"]) == (0, "sleep", ["3"])
    assert "waiting" in lab.operator.out("process", "get", processid)


def test_a_spec_may_come_from_standard_input(lab: Lab) -> None:
    process = lab.operator.json("process", "submit", "--spec", "-", stdin=json.dumps(spec("sleep")))
    assert process["spec"]["func"] == "sleep"


@pytest.mark.parametrize("as_lines", [False, True])
def test_many_specs_are_submitted_in_their_order(lab: Lab, as_lines: bool) -> None:
    specs = [spec("count", args=[number]) for number in range(150)]
    text = "\n".join(map(json.dumps, specs)) if as_lines else json.dumps(specs)
    processes = lab.operator.json("process", "submit", "--spec", lab.operator.spec(text))
    assert [process["spec"]["args"] for process in processes] == [[number] for number in range(150)]
    assert len({process["processid"] for process in processes}) == 150


def test_a_quick_one_takes_its_limits_and_its_environment_from_options(lab: Lab) -> None:
    options = ["--maxexectime", "5", "--maxwaittime", "10", "--maxretries", "3", "--env", "TEST=a=b", "--label", "l"]
    process = lab.operator.json("process", "submit", "--func", "ls", "--type", "other", *options, "--", "-l", "/")
    wanted = {"maxexectime": 5, "maxwaittime": 10, "maxretries": 3, "label": "l", "args": ["-l", "/"]}
    assert {field: process["spec"][field] for field in wanted} == wanted
    assert process["spec"]["env"] == {"TEST": "a=b"}


def test_a_latest_key_supersedes_what_waits_with_it(lab: Lab) -> None:
    first = submit(lab, "lamp", "--latest-key", "kitchen")
    second = submit(lab, "lamp", "--latest-key", "kitchen")
    process = lab.operator.json("process", "get", first)
    assert (process["state"], process["errors"]) == (4, [f"superseded by {second}"])


def test_processes_are_listed_by_what_they_are(lab: Lab) -> None:
    ids = [submit(lab, func, "--label", label) for func, label in (("a", "x"), ("b", "x"), ("b", "y"))]
    lab.operator.run("process", "cancel", ids[0])

    def listed(*options: str) -> list[str]:
        return [process["processid"] for process in lab.operator.json("process", "list", *options)]

    assert listed() == ids[::-1]
    assert listed("--oldest") == ids
    assert listed("--func", "b", "--label", "x") == [ids[1]]
    assert listed("--state", "cancelled") == [ids[0]]
    assert listed("--type", "another") == []
    assert listed("--since", "1h", "--limit", "2") == [ids[2], ids[1]]
    assert listed("--before", "1h") == []


def test_a_list_says_when_there_is_more_and_all_shows_it(lab: Lab) -> None:
    specs = [spec("count", args=[number]) for number in range(120)]
    lab.operator.run("process", "submit", "--spec", lab.operator.spec(specs))
    done = lab.operator.run("process", "list", "--limit", "3")
    assert "3 of 120" in done.stderr
    assert done.stdout.count("\n") == 4
    listed = lab.operator.json("process", "list", "--all", "--oldest")
    assert [process["spec"]["args"] for process in listed] == [[number] for number in range(120)]


def test_a_process_is_cancelled_retried_and_removed(lab: Lab) -> None:
    processid = submit(lab)
    assert lab.operator.json("process", "cancel", processid)["state"] == 4
    again = lab.operator.json("process", "retry", processid)
    assert (again["retryof"], again["state"]) == (processid, 0)
    assert lab.operator.json("process", "remove", processid) == {"removed": processid}
    assert processid in lab.operator.refusal("process", "get", processid)


def test_why_a_process_waits_is_said_in_words(lab: Lab) -> None:
    processid = submit(lab)
    explained = lab.operator.json("process", "explain", processid)
    assert explained["executors"] == 0
    assert lab.operator.out("process", "explain", processid) == "\n".join(explained["reasons"])


def test_what_others_wrote_cannot_command_the_terminal(lab: Lab) -> None:
    processid = submit(lab, "evil", "--label", "\x1b[2J", "[red]arg[/red]\x1b]0;title\x07")
    for command in (["list"], ["get", processid]):
        printed = lab.operator.out("process", *command)
        assert "\x1b" not in printed
        assert "[red]arg[/red]" in printed


def test_stats_count_by_type(lab: Lab) -> None:
    submit(lab)
    counts = {row["executortype"]: row for row in lab.operator.json("stats")["types"]}
    assert counts["other"]["waiting"] == 1
    assert counts["cli"]["executors"] == 1
    assert "other" in lab.operator.out("stats")


def close(lab: Lab, broker: Broker, *, successful: bool, lines: int = 0) -> dict[str, Any]:
    """Take the next process as the executor and end it."""

    async def work() -> dict[str, Any]:
        async with peer(broker.address) as link:
            process = await link.call(lab.keys.executor, "process.assign", timeout=20)
            for number in range(lines):
                message = {"processid": process["processid"], "message": f"line {number}"}
                await link.call(lab.keys.executor, "log.add", **message)
            ended = {"processid": process["processid"], "successful": successful}
            closed: dict[str, Any] = await link.call(lab.keys.executor, "process.close", **ended)
            return closed

    return asyncio.run(work())


@pytest.mark.parametrize("successful", [True, False])
def test_watching_prints_each_move_and_ends_as_the_process_does(lab: Lab, broker: Broker, successful: bool) -> None:
    processid = lab.operator.out("process", "submit", "--func", "x", "--type", "cli")
    with lab.operator.running("process", "watch", processid, "--json") as watch:
        assert json.loads(watch.line())["process"]["state"] == 0
        close(lab, broker, successful=successful)
        assert json.loads(watch.line())["event"] == "assigned"
        last = json.loads(watch.line())
        assert last["event"] == ("successful" if successful else "failed")
        assert watch.process.wait(20) == (0 if successful else 1)


def test_following_a_log_prints_its_lines_and_ends_with_the_process(lab: Lab, broker: Broker) -> None:
    processid = lab.operator.out("process", "submit", "--func", "x", "--type", "cli")
    with lab.operator.running("process", "logs", processid, "--follow") as follow:
        close(lab, broker, successful=True, lines=3)
        assert [follow.line().split("  ")[1] for _ in range(3)] == ["line 0", "line 1", "line 2"]
        assert follow.process.wait(20) == 0
    logged = lab.operator.json("process", "logs", processid)
    assert [line["message"] for line in logged] == ["line 0", "line 1", "line 2"]
    assert lab.operator.out("process", "logs", processid).count("line") == 3


def hear(running: Running) -> dict[str, Any]:
    heard: dict[str, Any] = json.loads(running.line())
    return heard


def test_a_subscription_prints_a_line_for_each_process(lab: Lab) -> None:
    first = submit(lab)
    with lab.operator.running("subscribe", "--type", "other", "--json") as subscription:
        assert hear(subscription)["event"] == "backlog"
        second = submit(lab)
        heard = hear(subscription)
        assert (heard["event"], heard["process"]["processid"]) == ("submitted", second)
        assert first != second


def test_ctrl_c_ends_a_subscription_without_a_word(lab: Lab) -> None:
    submit(lab)
    with lab.operator.running("subscribe", "--type", "other", "--json") as subscription:
        hear(subscription)
        assert subscription.end(signal.SIGINT) == 130
        assert subscription.process.stderr is not None
        assert subscription.process.stderr.read() == ""


def test_a_subscription_ends_when_its_time_is_up(lab: Lab) -> None:
    assert lab.operator.out("subscribe", "--type", "other", "--timeout", "0.3") == ""
