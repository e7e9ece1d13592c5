"""The programs and specs in `examples/`, run as a user runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guide.test_guide import COLONIES, Place
from tests.support.broker import Broker

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def place(broker: Broker) -> Iterator[Place]:
    made = Place(broker)
    yield made
    made.client.close()


def test_the_worker_does_what_the_submitter_asks(place: Place) -> None:
    worker = subprocess.Popen([sys.executable, str(EXAMPLES / "worker.py")], env=place.environment(place.trial))
    submit = [sys.executable, str(EXAMPLES / "submit.py")]
    done = subprocess.run(submit, env=place.environment(place.operator), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [number * 2 for number in range(10)]
    counted = place.client.submit({"conditions": {"executortype": "trial"}, "func": "count", "args": [3]}, wait=True)
    assert counted.out == [3]
    assert [line.message for line in place.client.get_logs(counted.processid)] == ["at 0", "at 1", "at 2"]
    worker.terminate()
    assert worker.wait(30) == 0


def test_the_submitter_says_what_failed_and_prints_the_rest(place: Place) -> None:
    submit = [sys.executable, str(EXAMPLES / "submit.py")]
    environment = place.environment(place.operator)
    program = subprocess.Popen(submit, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(10):
        process = place.client.assign(60, prvkey=place.trial)
        if process.spec.args[0] == 3:
            place.client.close_process(process, place.trial, successful=False, errors=["no three today"])
        else:
            place.client.close_process(process, place.trial, out=[sum(process.spec.args)])
    out, said = program.communicate(timeout=60)
    assert json.loads(out) == [number * 2 for number in range(10) if number != 3]
    assert said == "add [3, 3]: no three today\n"
    assert program.returncode == 1


def test_the_specs_run_on_the_built_in_worker(place: Place) -> None:
    worker = subprocess.Popen(
        [str(COLONIES), "worker", "start"], env=place.environment(place.executor), stderr=subprocess.DEVNULL
    )
    outs = {}
    for path in sorted(EXAMPLES.glob("*.json")):
        command = [str(COLONIES), "process", "submit", "--spec", str(path), "--wait", "--json"]
        done = subprocess.run(
            command, env=place.environment(place.operator), capture_output=True, text=True, check=True
        )
        outs[path.name] = json.loads(done.stdout)["out"]
    assert outs == {"environment.json": ["TEST is testenv in attempt 1\n"], "sleep.json": []}
    worker.terminate()
    assert worker.wait(30) == 0
