"""`colonies colony`, `executor`, `user` and `function`."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

from colonies.wire.identity import Identity
from tests.support.broker import Broker
from tests.support.peer import peer

from .terminal import Lab, Terminal


def server_owner(terminal: Terminal, broker: Broker) -> Terminal:
    key = terminal.key_file("server-owner", broker.owner)
    return Terminal(terminal.folder, COLONIES_SERVER=broker.address, COLONIES_KEY_FILE=key)


def test_the_server_owner_adds_lists_shows_and_removes_colonies(terminal: Terminal, broker: Broker) -> None:
    owner = server_owner(terminal, broker)
    name = f"c{secrets.token_hex(4)}"
    made = owner.json("colony", "add", name)
    key_path = terminal.config / "keys" / f"colony-{name}.key"
    assert Identity(key_path.read_text()).id == made["colonyid"]
    assert key_path.stat().st_mode & 0o777 == 0o600
    assert made in owner.json("colony", "list")
    assert name in owner.out("colony", "list")
    assert owner.json("colony", "get", made["colonyid"]) == made
    assert owner.json("colony", "get", "--key-file", str(key_path)) == made
    assert owner.json("colony", "remove", made["colonyid"]) == {"removed": made["colonyid"]}
    assert made not in owner.json("colony", "list")


def test_a_colony_may_be_added_for_an_owner_who_keeps_the_key(terminal: Terminal, broker: Broker) -> None:
    owner, colonyid = server_owner(terminal, broker), Identity.generate().id
    assert owner.json("colony", "add", f"c{colonyid[:8]}", "--colonyid", colonyid)["colonyid"] == colonyid
    assert not (terminal.config / "keys").exists()


def test_the_guides_command_line_prints_the_id_and_nothing_else(lab: Lab) -> None:
    executor = lab.owner.json("executor", "add", "videocam", "--type", "camera")
    done = lab.operator.run("executor", "resolve", "--targetname", "videocam")
    assert done.stdout == executor["executorid"] + "\n"
    assert done.stderr == ""
    assert lab.operator.json("executor", "resolve", "--name", "videocam") == {"executorid": executor["executorid"]}


def test_an_executor_is_added_approved_rejected_and_removed_by_its_name(lab: Lab) -> None:
    added = lab.owner.json("executor", "add", "cam", "--type", "camera")
    assert added["state"] == 0
    key_path = lab.owner.config / "keys" / "executor-cam.key"
    assert Identity(key_path.read_text()).id == added["executorid"]
    assert lab.operator.json("executor", "approve", "cam")["state"] == 1
    assert lab.operator.json("executor", "reject", added["executorid"])["state"] == 2
    assert lab.operator.json("executor", "get", "cam")["state"] == 2
    assert "rejected" in lab.operator.out("executor", "get", "cam")
    assert lab.operator.json("executor", "remove", "cam") == {"removed": added["executorid"]}
    assert "cam" in lab.operator.refusal("executor", "get", "cam")


def test_an_executor_may_be_added_and_approved_at_once(lab: Lab) -> None:
    executorid = Identity.generate().id
    given = ("--executorid", executorid, "--approve")
    added = lab.owner.json("executor", "add", "cam", "--type", "camera", *given)
    assert (added["executorid"], added["state"]) == (executorid, 1)


def test_executors_are_listed_by_type_and_by_whether_they_are_online(lab: Lab) -> None:
    lab.owner.run("executor", "add", "cam", "--type", "camera")
    assert len(lab.operator.json("executor", "list")) == 2
    (cam,) = lab.operator.json("executor", "list", "--type", "camera")
    assert cam["executorname"] == "cam"
    assert lab.operator.json("executor", "list", "--type", "camera", "--online") == []
    assert len(lab.operator.json("executor", "list", "--type", "camera", "--offline")) == 1
    assert cam["executorid"] in lab.operator.out("executor", "list")


def test_a_key_that_was_made_for_an_executor_is_not_made_twice(lab: Lab) -> None:
    lab.owner.run("executor", "add", "cam", "--type", "camera")
    assert "is there already" in lab.owner.run("executor", "add", "cam", "--type", "camera", code=1).stderr


def test_a_key_that_was_made_for_what_is_refused_is_taken_away_again(lab: Lab) -> None:
    lab.operator.refusal("executor", "add", "cam", "--type", "camera")
    lab.operator.refusal("user", "add", "ada", "--role", "viewer")
    lab.operator.refusal("colony", "add", "mine")
    assert list((lab.operator.config / "keys").iterdir()) == []


def test_users_are_added_listed_and_removed_by_their_name(lab: Lab) -> None:
    added = lab.owner.json("user", "add", "ada", "--role", "viewer")
    assert added in lab.owner.json("user", "list")
    assert "ada" in lab.owner.out("user", "list")
    key_path = Path(lab.owner.config / "keys" / "user-ada.key")
    assert lab.owner.json("executor", "list", "--key-file", str(key_path))
    assert lab.owner.json("user", "remove", "ada") == {"removed": added["userid"]}
    assert "named 'ada'" in lab.owner.refusal("user", "remove", "ada")


def test_functions_are_listed(lab: Lab, broker: Broker) -> None:
    async def add() -> None:
        function = {"funcname": "turn_on", "description": "turns the lamp on", "args": ["brightness"]}
        async with peer(broker.address) as link:
            await link.call(lab.keys.executor, "function.add", function=function)

    assert lab.operator.json("function", "list") == []
    asyncio.run(add())
    (function,) = lab.operator.json("function", "list")
    assert (function["funcname"], function["executorid"]) == ("turn_on", lab.keys.executor.id)
    assert "turns the lamp on" in lab.operator.out("function", "list", "--executor", lab.keys.executor.id)


def test_whoever_may_not_hears_which_key_was_asked_with_and_how_to_ask_with_another(lab: Lab) -> None:
    said = lab.operator.refusal("user", "add", "night-shift", "--role", "viewer")
    assert "this needs the colony owner" in said
    assert f"(asked with the key {lab.keys.operator.id[:8]}… from " in said
    assert said.endswith("; -c CONTEXT or --key-file asks with another)")
