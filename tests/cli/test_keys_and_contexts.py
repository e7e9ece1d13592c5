"""`colonies key` and `colonies context`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from colonies.wire.identity import Identity

from .terminal import Terminal


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_key_is_written_for_its_owner_alone_and_its_id_is_printed(terminal: Terminal) -> None:
    printed = terminal.out("key", "new", "--out", "robot.key")
    path = terminal.folder / "robot.key"
    assert mode(path) == 0o600
    assert printed == Identity(path.read_text()).id
    assert terminal.out("key", "show", "robot.key") == printed


def test_a_new_key_without_a_file_is_printed_whole(terminal: Terminal) -> None:
    made = terminal.json("key", "new")
    assert Identity(made["privatekey"]).id == made["id"]
    assert terminal.out("key", "show", "--key", made["privatekey"]) == made["id"]
    assert "private key  " in terminal.out("key", "new")


def test_a_key_is_never_overwritten(terminal: Terminal) -> None:
    terminal.run("key", "new", "--out", "robot.key")
    before = (terminal.folder / "robot.key").read_text()
    assert "is there already" in terminal.refusal("key", "new", "--out", "robot.key")
    assert (terminal.folder / "robot.key").read_text() == before


@pytest.mark.parametrize("rights", [0o640, 0o604, 0o620])
def test_a_key_file_that_others_can_open_is_refused_with_its_cure(terminal: Terminal, rights: int) -> None:
    terminal.run("key", "new", "--out", "robot.key")
    (terminal.folder / "robot.key").chmod(rights)
    sentence = terminal.refusal("key", "show", "robot.key")
    assert sentence.endswith("chmod 600 robot.key")


def test_a_text_that_is_no_key_is_refused_and_not_repeated(terminal: Terminal) -> None:
    sentence = terminal.refusal("key", "show", "--key", "abcdef0123")
    assert "64 hex characters" in sentence
    assert "abcdef" not in sentence


def test_contexts_are_added_used_shown_listed_and_removed(terminal: Terminal) -> None:
    first = terminal.json("context", "add", "lab", "--server", "http://127.0.0.1:1", "--new-key")
    assert first["current"] is True
    key_path = Path(first["key_file"])
    assert mode(key_path) == 0o600
    assert mode(key_path.parent) == 0o700
    assert mode(terminal.config) == 0o700
    second = terminal.json("context", "add", "home", "--key", Identity.generate().private_key)
    assert second["current"] is False
    assert terminal.json("context", "use", "home")["current"] is True
    assert terminal.json("context", "show")["id"] == second["id"]
    assert terminal.json("context", "show", "lab")["id"] == first["id"]
    listed = {row["name"]: row["current"] for row in terminal.json("context", "list")}
    assert listed == {"lab": False, "home": True}
    assert terminal.out("context", "list").count("\n") == 2
    assert terminal.json("context", "remove", "home") == {"removed": "home"}
    assert [row["name"] for row in terminal.json("context", "list")] == ["lab"]
    assert Path(second["key_file"]).exists()


def test_no_private_key_stands_in_the_contexts_file(terminal: Terminal) -> None:
    private_key = Identity.generate().private_key
    terminal.run("context", "add", "lab", "--key", private_key)
    assert private_key not in (terminal.config / "contexts.json").read_text()


def test_the_config_folder_can_be_named(terminal: Terminal) -> None:
    own = terminal.folder / "own"
    terminal.run("context", "add", "lab", COLONIES_CONFIG_HOME=str(own))
    assert json.loads((own / "contexts.json").read_text())["current"] == "lab"
    assert not terminal.config.exists()


def test_a_contexts_file_that_makes_no_sense_is_refused_and_kept(terminal: Terminal) -> None:
    terminal.run("context", "add", "lab")
    path = terminal.config / "contexts.json"
    path.write_text("{")
    assert str(path) in terminal.refusal("context", "add", "other")
    assert path.read_text() == "{"


def test_an_unknown_context_is_refused_with_those_that_are_known(terminal: Terminal) -> None:
    terminal.run("context", "add", "lab")
    assert "known: lab" in terminal.refusal("context", "use", "lob")
    assert "known: lab" in terminal.refusal("stats", "--context", "lob")
