"""Every block of `docs/guide.md`, as it stands there, against a started broker on both stores."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from colonies import Colonies, Process, State, SubscriptionEnded, errors
from colonies.wire.identity import Identity
from tests.support.broker import Broker

GUIDE = (Path(__file__).parents[2] / "docs" / "guide.md").read_text()
COLONIES = Path(sys.executable).parent / "colonies"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


class Place:
    """A broker with a colony as `make run` makes it, an executor of one's own, and the names of the guide's blocks."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.owner, self.operator = Identity.generate(), Identity.generate()
        self.executor, self.trial = Identity.generate(), Identity.generate()
        self.client = Colonies(broker.address, key=self.operator)
        self.client.add_colony(self.owner.id, f"guide-{self.owner.id[:8]}", prvkey=broker.owner)
        self.client.add_user(self.operator.id, "operator", "operator", prvkey=self.owner)
        self.client.add_executor(self.executor.id, "cli", "cli", approve=True, prvkey=self.owner)
        self.client.add_executor(self.trial.id, "trial", "trial", approve=True, prvkey=self.owner)

    @property
    def names(self) -> dict[str, Any]:
        return {
            "SERVER": self.broker.address,
            "COLONY": self.owner.id,
            "EXECUTOR_KEY": self.trial.private_key,
            "OPERATOR_KEY": self.operator.private_key,
        }

    def environment(self, key: Identity) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COLONIES_")}
        return {**kept, "COLONIES_SERVER": self.broker.address, "COLONIES_KEY": key.private_key}


@pytest.fixture
def place(broker: Broker) -> Iterator[Place]:
    made = Place(broker)
    yield made
    made.client.close()


@pytest.fixture
def built_in_worker(place: Place) -> Iterator[None]:
    command = [str(COLONIES), "worker", "start", "--concurrency", "4"]
    worker = subprocess.Popen(command, env=place.environment(place.executor), stderr=subprocess.DEVNULL)
    yield
    worker.terminate()
    assert worker.wait(30) == 0


def greet(place: Place) -> dict[str, Any]:
    """Try what is at work as the guide does."""
    (line,) = [line for block in blocks("console") for line in block.splitlines() if "--func greet" in line]
    command = [str(COLONIES), *line.split()[1:], "--json"]
    environment = place.environment(place.operator)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    process: dict[str, Any] = json.loads(done.stdout)
    assert process["out"] == ["good day, reader"]
    return process


def in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


@pytest.mark.usefixtures("built_in_worker")
def test_every_spec_runs_on_the_built_in_worker(place: Place, tmp_path: Path) -> None:
    specs = blocks("json")
    assert len(specs) == 4
    for number, text in enumerate(specs):
        path = tmp_path / f"spec-{number}.json"
        path.write_text(text)
        command = [str(COLONIES), "process", "submit", "--spec", str(path), "--wait", "--json"]
        done = subprocess.run(
            command, env=place.environment(place.operator), capture_output=True, text=True, check=True
        )
        assert json.loads(done.stdout)["state"] in (2, "successful")


@pytest.mark.usefixtures("built_in_worker")
def test_sleeping_longer_than_maxexectime_runs_four_times_and_fails(place: Place) -> None:
    spec = json.loads(blocks("json")[1])
    # The guide's sentence about 6 seconds under 5, twentyfold faster.
    spec |= {"args": ["6"], "maxexectime": 0.25}
    done = place.client.submit(spec, wait=True, timeout=60)
    assert done.state.name == "FAILED"
    assert [attempt.ended for attempt in done.history] == ["overrun"] * 4
    assert done.errors == ["maxexectime 0.25 s exceeded, 3 retries used up"]


def test_a_spec_that_nobody_takes_fails_at_maxwaittime(place: Place) -> None:
    spec = json.loads(blocks("json")[1]) | {"maxwaittime": 0.2}
    done = place.client.submit(spec, wait=True, timeout=60)
    assert done.errors == ["maxwaittime 0.2 s exceeded"]


def test_the_command_line_resolves_a_name_to_an_id_and_nothing_else(place: Place) -> None:
    (line,) = [line for block in blocks("console") for line in block.splitlines() if "resolve" in line]
    command = [str(COLONIES), *line.split()[1:]]
    found = subprocess.run(command, env=place.environment(place.operator), capture_output=True, text=True, check=True)
    assert found.stdout == f"{place.executor.id}\n"


def test_the_commands_of_an_owner_add_an_executor(place: Place, tmp_path: Path) -> None:
    (line,) = [line for block in blocks("console") for line in block.splitlines() if "executor add" in line]
    # The owner's context by its key, for `make run` is not here; and another name, for the place has this one.
    words = line.replace("-c dev-owner", "").replace("add trial", "add other").split()[1:]
    environment = {**place.environment(place.owner), "COLONIES_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run([str(COLONIES), *words], env=environment, capture_output=True, text=True, check=True)
    assert str(tmp_path / "keys" / "executor-other.key") in done.stderr
    (added,) = [one for one in place.client.get_executors() if one.executorname == "other"]
    assert (added.executortype, added.state.name) == ("trial", "APPROVED")


def test_the_worker_works(place: Place) -> None:
    (source,) = [block for block in blocks("python") if "worker.run_forever()" in block]
    # A program of its own, since it takes signals.
    names = "\n".join(f"{name} = {value!r}" for name, value in place.names.items())
    program = subprocess.Popen([sys.executable, "-c", f"{names}\n{source}"])
    spec = {"conditions": {"executortype": "trial"}, "func": "add", "args": [1, 2]}
    assert place.client.submit(spec, wait=True, timeout=60).out == [3]
    greeted = greet(place)
    assert place.client.get_logs(greeted["processid"])[0].message == "greeting reader"
    program.terminate()
    assert program.wait(30) == 0


def loops() -> list[str]:
    first, second = [block for block in blocks("python") if "while True" in block]
    return [first, first[: first.index("while True")] + second]


@pytest.mark.parametrize("source", loops(), ids=["asking", "told"])
def test_a_loop_works_and_goes_on_after_what_failed_and_what_came_too_late(
    place: Place, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, Any] = dict(place.names)

    def loop() -> None:
        # Closing the client is how the test ends it: no trouble that passes.
        with contextlib.suppress(errors.Closed):
            exec(source, names)

    def submit(func: str) -> Process:
        spec = {"conditions": {"executortype": "trial"}, "func": func, "args": ["reader"]}
        return place.client.submit(spec, wait=True, timeout=60)

    running = in_thread(loop)
    assert submit("greet").out == ["good day, reader"]
    assert submit("sing").errors == ["ValueError: there is no function sing"]
    execute = names["execute"]

    def execute_too_long(func: str, args: list[Any]) -> Any:
        for process in place.client.get_processes(state=State.RUNNING).processes:
            place.client.cancel(process.processid)
        return execute(func, args)

    names["execute"] = execute_too_long
    assert submit("greet").state == State.CANCELLED
    names["execute"] = execute
    assert submit("greet").state == State.SUCCESSFUL
    assert "cancelled" in capsys.readouterr().out
    names["client"].close()
    running.join(30)
    assert not running.is_alive()


def test_submitting_and_waiting_prints_the_outcome(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = [block for block in blocks("python") if "wait=True" in block]

    def work() -> None:
        process = place.client.assign(30, prvkey=place.executor)
        place.client.close_process(process, place.executor, out=process.spec.args)

    worker = in_thread(work)
    exec(source, dict(place.names))
    worker.join(30)
    assert capsys.readouterr().out == "SUCCESSFUL ['hello']\n"


def test_service_discovery_submits_to_the_executor_that_it_found(place: Place) -> None:
    (source,) = [block for block in blocks("python") if "get_executors" in block]
    exec(source, dict(place.names))
    assert place.client.assign(10, prvkey=place.executor).spec.args == ["only", "you"]


def test_an_operator_retries_what_failed_and_sees_it_wait(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = [block for block in blocks("python") if "retry_matching" in block]
    for disk in (7, 12):
        place.client.submit({"conditions": {"executortype": "cli"}, "func": "save"})
        process = place.client.assign(30, prvkey=place.executor)
        place.client.close_process(process, place.executor, successful=False, errors=[f"no disk {disk}"])
    exec(source, dict(place.names))
    role, group, *progress, retried, waiting = capsys.readouterr().out.splitlines()
    assert (role, group) == ("operator", "2 save no disk #")
    assert (progress[-1], retried, waiting) == ("2 of 2", "retried 2 of 2", "2 wait")


def test_a_subscription_whose_time_is_up_raises_what_the_loop_catches(place: Place) -> None:
    with pytest.raises(SubscriptionEnded):
        place.client.subscribe_processes("cli", 0.1, 0, place.executor.private_key, print)
