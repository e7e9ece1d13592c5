"""Wrong use gets a sentence: what is wrong, with what, and where that helps, what to do."""

from __future__ import annotations

import os
import stat
from importlib.metadata import version
from typing import Any

import pytest

from colonies.wire.identity import Identity
from tests.support.colony import spec
from tests.support.mongod import free_port

from .terminal import Lab, Terminal


def test_a_broker_that_does_not_run(terminal: Terminal) -> None:
    terminal.run("key", "new", "--out", "own.key")
    server = f"http://127.0.0.1:{free_port()}"
    sentence = terminal.refusal("stats", "--server", server, "--key-file", "own.key", code=3)
    assert server.removeprefix("http://") in sentence


def test_no_key_at_all(terminal: Terminal, lab: Lab) -> None:
    assert "--key-file" in terminal.refusal("stats", "--server", lab.address, code=2)


def test_a_key_that_nobody_knows(lab: Lab) -> None:
    stranger = Identity.generate()
    path = lab.operator.key_file("stranger", stranger)
    sentence = lab.operator.refusal("stats", "--key-file", path)
    assert stranger.id[:8] in sentence
    assert path in sentence


def test_a_key_that_may_not_do_this(lab: Lab) -> None:
    assert lab.keys.executor.id[:8] in lab.executor.refusal("executor", "approve", lab.keys.executor.id)


def test_an_executor_that_is_not_approved_yet(lab: Lab) -> None:
    added = lab.owner.json("executor", "add", "new", "--type", "cli")
    key = str(lab.owner.config / "keys" / "executor-new.key")
    assert "approve" in lab.owner.refusal("worker", "start", "--key-file", key)
    assert added["state"] == 0


def test_a_worker_with_a_key_that_is_no_executors(lab: Lab) -> None:
    assert "no executor's" in lab.operator.refusal("worker", "start")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ({**spec("x"), "maxexectme": 5}, "unknown field `maxexectme`; did you mean `maxexectime`?"),
        ({**spec("x"), "maxretries": "3"}, "field `maxretries`: expected int, got str '3'"),
        ({"conditions": {"executortype": "cli"}}, "field `func`: expected a value, got nothing"),
        ([spec("x"), {**spec("x"), "label": 1}], "spec 2: field `label`"),
        ("[1]", "spec 1: a process spec is a JSON object, this is int 1"),
        ('{\n  "func": "x",\n  func\n}', "line 3, column 3: not JSON: expecting property name"),
        ('{"func": "x"}\n{"func": }\n', "line 2, column 10: not JSON: expecting value"),
        ("", "not JSON: it is empty"),
    ],
)
def test_a_spec_that_is_wrong_is_refused_with_its_place(lab: Lab, text: Any, said: str) -> None:
    path = lab.operator.spec(text)
    sentence = lab.operator.refusal("process", "submit", "--spec", path)
    assert path in sentence
    assert said in sentence
    assert lab.operator.json("process", "list") == []


def test_a_spec_file_that_is_not_there(lab: Lab) -> None:
    assert lab.operator.refusal("process", "submit", "--spec", "absent.json") == "there is no file absent.json"


def test_a_key_file_that_is_not_there(lab: Lab) -> None:
    assert "there is no key file absent.key" in lab.operator.refusal("stats", "--key-file", "absent.key")


def test_an_unknown_option_command_or_choice_is_a_misuse(lab: Lab) -> None:
    assert "--tipe" in lab.operator.refusal("process", "list", "--tipe", "cli", code=2)
    assert "'process'" in lab.operator.refusal("proces", "list", code=2)
    assert "--state" in lab.operator.refusal("process", "list", "--state", "done", code=2)
    assert "TYPE" in lab.operator.refusal("process", "submit", "--func", "x", code=2)
    assert "--spec" in lab.operator.refusal("process", "submit", code=2)
    assert "15m" in lab.operator.refusal("process", "list", "--since", "yesterday", code=2)
    assert "http://" in lab.operator.refusal("stats", "--server", "localhost:8080", code=2)


def test_an_unknown_process_executor_or_colony_is_named(lab: Lab) -> None:
    assert "abcdefgh" in lab.operator.refusal("process", "get", "abcdefgh")
    assert "nobody" in lab.operator.refusal("executor", "resolve", "--targetname", "nobody")
    assert "not an id" in lab.operator.refusal("stats", "--colony", "lab", code=2)


def test_a_config_folder_that_cannot_be_read_or_written(terminal: Terminal) -> None:
    terminal.config.mkdir(parents=True)
    (terminal.config / "keys").touch()
    assert "cannot write the key" in terminal.refusal("context", "add", "lab", "--new-key")
    assert "cannot read the contexts" in terminal.refusal(
        "context", "list", COLONIES_CONFIG_HOME=str(terminal.config / "keys")
    )


def test_every_command_says_what_it_is_for(terminal: Terminal) -> None:
    root = terminal.out("--help")
    assert terminal.out("--version") == version("colonies-broker")
    for family in ("server", "dev", "process", "worker", "executor", "user", "function", "colony", "context", "key"):
        assert f" {family} " in root
        assert "Usage" in terminal.out(family, "--help")


def test_a_pipe_that_is_closed_early_is_no_fault_to_report(lab: Lab) -> None:
    lab.operator.run("process", "submit", "--spec", lab.operator.spec([spec("x", args=["y" * 500])] * 200))
    with lab.operator.running("process", "list", "--all", "--json") as listing:
        assert listing.process.stdout is not None
        assert stat.S_ISFIFO(os.fstat(listing.process.stdout.fileno()).st_mode)
        assert listing.line() == "["
        listing.process.stdout.close()
        listing.process.stdout = None
        listing.process.wait(30)
        assert listing.process.stderr is not None
        assert "Traceback" not in listing.process.stderr.read()
