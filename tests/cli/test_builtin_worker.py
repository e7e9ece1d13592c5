"""`colonies worker start`: a process as a program of this machine."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from colonies.wire.identity import Identity

from .terminal import Lab, Running
from .waiting import is_alive, wait_gone, wait_until

pytestmark = pytest.mark.usefixtures("worker")


def submit(lab: Lab, func: str, *args: str, code: int = 0, **fields: Any) -> dict[str, Any]:
    """Run it to its end, through a spec file as in the guide."""
    spec = {"conditions": {"executortype": "cli"}, "func": func, "args": list(args), **fields}
    path = lab.operator.spec(spec)
    process: dict[str, Any] = lab.operator.json("process", "submit", "--spec", path, "--wait", code=code)
    return process


def pids_in(path: Path) -> list[int]:
    """What a script has written of itself and its child, once both are there."""
    wait_until(lambda: path.exists() and path.read_text().count("\n") == 2)
    return [int(line) for line in path.read_text().split()]


def waiting_script(path: Path) -> str:
    return f"sleep 1000 & echo $! > {path}.new; echo $$ >> {path}.new; mv {path}.new {path}; wait"


def test_the_guides_sleep_runs(lab: Lab) -> None:
    process = submit(lab, "sleep", "0.1")
    assert (process["state"], process["out"]) == (2, [])


def test_what_it_prints_is_out_and_both_streams_are_logged(lab: Lab) -> None:
    process = submit(lab, "sh", "-c", "echo one; echo two >&2; echo three")
    assert process["out"] == ["one\nthree\n"]
    lines = [line["message"] for line in lab.operator.json("process", "logs", process["processid"])]
    assert sorted(lines) == ["one", "three", "two"]


def test_env_becomes_the_environment_with_what_says_whose_work_it_is(lab: Lab) -> None:
    process = submit(lab, "env", env={"TEST": "testenv", "COLONIES_KEY_FILE": "/stolen"})
    found = dict(line.split("=", 1) for line in process["out"][0].splitlines() if "=" in line)
    assert found["TEST"] == "testenv"
    assert found["COLONIES_PROCESS_ID"] == process["processid"]
    assert found["COLONIES_COLONY_ID"] == lab.keys.owner.id
    assert found["COLONIES_EXECUTOR_ID"] == lab.keys.executor.id
    assert found["COLONIES_ATTEMPT"] == "1"
    assert found["COLONIES_SERVER"] == lab.address
    assert not [name for name in found if name.startswith("COLONIES_KEY")]


@pytest.mark.parametrize(
    ("func", "args", "error"),
    [
        ("sh", ["-c", "echo so far; exit 7"], "exit code 7"),
        ("sh", ["-c", "kill -9 $$"], "killed by signal 9 (SIGKILL)"),
        ("no-such-command", [], "command not found: no-such-command"),
    ],
)
def test_what_does_not_end_well_fails_and_says_how(lab: Lab, func: str, args: list[str], error: str) -> None:
    process = submit(lab, func, *args, code=1)
    assert (process["state"], process["errors"]) == (3, [error])
    assert process["out"] == (["so far\n"] if error == "exit code 7" else [])


def test_no_shell_reads_the_arguments(lab: Lab) -> None:
    assert submit(lab, "echo", "$HOME; ls", "*")["out"] == ["$HOME; ls *\n"]


def test_arguments_that_are_no_text_are_written_as_json(lab: Lab) -> None:
    spec = {"conditions": {"executortype": "cli"}, "func": "echo", "args": [1, 2.5, True, None, {"a": ["b"]}]}
    process = lab.operator.json("process", "submit", "--spec", lab.operator.spec(spec), "--wait")
    assert process["out"] == ['1 2.5 true null {"a":["b"]}\n']


def test_what_no_program_can_be_given_fails_with_a_sentence(lab: Lab) -> None:
    assert submit(lab, "echo", "a\0b", code=1)["errors"] == ["cannot run echo: embedded null byte"]
    assert submit(lab, "echo", env={"A=B": "c"}, code=1)["errors"] == [
        "cannot run echo: illegal environment variable name"
    ]


def test_named_arguments_are_refused(lab: Lab) -> None:
    process = submit(lab, "echo", kwargs={"colour": "red"}, code=1)
    assert process["errors"] == ["a command line takes args, not kwargs: colour"]


def test_long_output_keeps_its_end(lab: Lab) -> None:
    process = submit(lab, "sh", "-c", "yes | head -c 300000; echo the end")
    assert process["out"][0].endswith("y\nthe end\n")
    assert "were cut]" in process["out"][0].split("\n")[0]


def test_hundreds_of_lines_are_logged_in_their_order(lab: Lab) -> None:
    process = submit(lab, "seq", "1", "500")
    lines = [line["message"] for line in lab.operator.json("process", "logs", process["processid"])]
    assert lines == [str(number) for number in range(1, 501)]


def test_the_whole_group_is_killed_at_the_deadline(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "pids"
    process = submit(lab, "sh", "-c", waiting_script(path), maxexectime=4, code=1)
    assert process["errors"] == ["maxexectime 4 s exceeded, 0 retries used up"]
    for pid in pids_in(path):
        wait_gone(pid)


def start(lab: Lab, path: Path) -> tuple[str, list[int]]:
    """Submit a program that waits, and return its process id and what runs, once it runs."""
    spec = {"conditions": {"executortype": "cli"}, "func": "sh", "args": ["-c", waiting_script(path)]}
    processid = lab.operator.out("process", "submit", "--spec", lab.operator.spec(spec))
    pids = pids_in(path)
    assert all(is_alive(pid) for pid in pids)
    return processid, pids


def test_the_whole_group_is_killed_when_it_is_cancelled(lab: Lab, tmp_path: Path) -> None:
    processid, pids = start(lab, tmp_path / "pids")
    lab.operator.run("process", "cancel", processid)
    for pid in pids:
        wait_gone(pid)
    assert submit(lab, "echo", "next")["state"] == 2


def test_a_stopped_worker_gives_back_what_it_holds(lab: Lab, tmp_path: Path, worker: Running) -> None:
    assert worker.end() == 0  # the one of the fixture, which has time
    with lab.executor.running("worker", "start", "--grace", "0") as impatient:
        impatient.said("takes processes")
        processid, pids = start(lab, tmp_path / "pids")
        assert impatient.end(signal.SIGINT) == 0
    for pid in pids:
        wait_gone(pid)
    process = lab.operator.json("process", "get", processid)
    assert (process["state"], process["retries"]) == (0, 0)
    assert [attempt["ended"] for attempt in process["history"]] == ["handed_back"]


def test_a_stopped_worker_lets_what_runs_finish(lab: Lab, tmp_path: Path, worker: Running) -> None:
    script = f"touch {tmp_path}/runs; while [ ! -e {tmp_path}/go ]; do sleep 0.05; done; echo done"
    spec = {"conditions": {"executortype": "cli"}, "func": "sh", "args": ["-c", script]}
    processid = lab.operator.out("process", "submit", "--spec", lab.operator.spec(spec))
    wait_until((tmp_path / "runs").exists)
    worker.process.send_signal(signal.SIGTERM)
    (tmp_path / "go").touch()
    assert worker.process.wait(40) == 0
    assert lab.operator.json("process", "get", processid)["out"] == ["done\n"]


def test_a_second_signal_ends_a_worker_at_once_with_all_that_it_runs(lab: Lab, tmp_path: Path, worker: Running) -> None:
    _, pids = start(lab, tmp_path / "pids")
    worker.process.send_signal(signal.SIGTERM)
    assert worker.end(signal.SIGINT) == 130
    for pid in pids:
        wait_gone(pid)


def test_only_what_is_allowed_is_run(lab: Lab, worker: Running) -> None:
    worker.end()
    with lab.executor.running("worker", "start", "--allow", "echo", "--allow", "true") as careful:
        careful.said("takes processes")
        assert submit(lab, "echo", "yes")["out"] == ["yes\n"]
        refused = submit(lab, "/bin/echo", "no", code=1)
        assert refused["errors"] == ["this worker does not run /bin/echo, only echo, true"]


def test_a_name_is_enough_where_the_colony_owners_key_is(lab: Lab, worker: Running) -> None:
    worker.end()
    for _ in range(2):  # the second time with the key that was kept
        with lab.owner.running("worker", "start", "--name", "robot", "--type", "cli") as robot:
            robot.said("robot takes processes")
            process = submit(lab, "echo", "hello")
        kept = lab.owner.config / "keys" / "executor-robot.key"
        assert Identity(kept.read_text()).id == process["assigneeid"]
        assert kept.stat().st_mode & 0o777 == 0o600
    assert len(json.loads(lab.owner.out("executor", "list", "--json"))) == 2


def test_a_name_that_cannot_be_added_leaves_no_key(lab: Lab) -> None:
    assert "colony owner" in lab.operator.refusal("worker", "start", "--name", "robot")
    assert not (lab.operator.config / "keys" / "executor-robot.key").exists()
