"""`colonies dev`: all that is needed to try things on, in one command."""

from __future__ import annotations

import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from broker.dev import ROLES

from .screen import running_on_a_screen
from .terminal import Running, Terminal
from .waiting import wait_until


def address_of(running: Running) -> str:
    ready, _, address = running.line().partition(" ")
    assert ready == "ready"
    return address


def keys_in(folder: str) -> dict[str, str]:
    return {path.stem: path.read_text() for path in (Path(folder) / "keys").iterdir()}


def test_a_second_terminal_needs_no_options(terminal: Terminal) -> None:
    with terminal.running("dev", "--port", "0", "--worker") as dev:
        address_of(dev)
        process = terminal.json("process", "submit", "--func", "echo", "--type", "cli", "--wait", "hello")
        assert process["out"] == ["hello\n"]
        executors = terminal.json("executor", "list")
        assert {(e["executorname"], e["executortype"], e["state"]) for e in executors} == {
            ("cli", "cli", 1),
            ("lamp", "lamp", 1),
            ("fractal", "fractal", 1),
        }
        added = terminal.json("executor", "add", "cam", "--type", "camera", "--approve", "--context", "dev-owner")
        assert added["state"] == 1
        assert dev.end() == 0


def test_it_says_the_address_the_ids_where_the_keys_are_and_what_to_try(terminal: Terminal) -> None:
    with terminal.running("dev", "--port", "0") as dev:
        address = address_of(dev)
        assert dev.end() == 0
        assert dev.process.stderr is not None
        said = dev.process.stderr.read()
    keys = terminal.folder / "data" / "colonies" / "dev" / "keys"
    assert address in said
    assert str(keys) in said
    assert said.count("colonies process") >= 2
    assert "Ctrl-C" in said
    assert said.endswith("\nstopped\n")
    assert all(line == line.rstrip() for line in said.splitlines())
    for path in keys.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.read_text().strip() not in said
    assert keys.parent.stat().st_mode & 0o777 == 0o700
    assert {path.stem for path in keys.iterdir()} == set(ROLES)
    assert len(ROLES) == 7


def test_no_key_is_in_what_is_piped_even_when_it_is_to_be_coloured(terminal: Terminal) -> None:
    with terminal.running("dev", "--port", "0", "--log-level", "debug", FORCE_COLOR="1") as dev:
        address_of(dev)
        assert dev.end() == 0
        assert dev.process.stderr is not None
        said = dev.process.stderr.read()
    assert "/examples/lamp/" in said
    assert "dashboard (operator.key)" in said
    held = keys_in(str(terminal.folder / "data" / "colonies" / "dev"))
    assert not any(key.strip() in said for key in held.values())


def test_a_terminal_is_shown_pages_that_have_their_key_in_the_address(terminal: Terminal) -> None:
    """Every address is one line of its own, however narrow the terminal is: a frame would break it for the clipboard."""
    with running_on_a_screen(terminal, "dev", "--port", "0", columns=80) as dev:
        address = address_of(dev)
        for path in ("", "examples/lamp/", "examples/lamp/switch.html", "examples/fractal/"):
            with urllib.request.urlopen(f"{address}/{path}", timeout=10) as response:
                assert response.status == 200
        assert dev.end() == 0
        lines = dev.screen.lines()
    pages = [line for line in lines if line.startswith("http")]
    keys = terminal.folder / "data" / "colonies" / "dev" / "keys"
    held = {role: (keys / f"{role}.key").read_text().strip() for role in ROLES}
    assert pages == [
        f"{address}/#key={held['operator']}",
        f"{address}/#key={held['viewer']}",
        f"{address}/examples/lamp/#key={held['lamp']}",
        f"{address}/examples/lamp/switch.html#key={held['operator']}",
        f"{address}/examples/fractal/#key={held['fractal']}",
    ]
    assert all(len(line) <= 80 for line in lines if line not in pages)
    assert not any(held[role] in line for role in ("server-owner", "colony-owner", "executor") for line in lines)


def test_another_run_finds_what_was_there_and_fresh_forgets_it(terminal: Terminal) -> None:
    folder = str(terminal.folder / "place")
    with terminal.running("dev", "--port", "0", "--folder", folder) as dev:
        address_of(dev)
        processid = terminal.out("process", "submit", "--func", "echo", "--type", "cli")
        keys = keys_in(folder)
        assert dev.end(signal.SIGINT) == 0
    with terminal.running("dev", "--port", "0", "--folder", folder, "--worker") as dev:
        address_of(dev)
        terminal.run("process", "watch", processid)
        assert keys_in(folder) == keys
        assert dev.end() == 0
    with terminal.running("dev", "--port", "0", "--folder", folder, "--fresh") as dev:
        address_of(dev)
        assert keys_in(folder).keys() == keys.keys()
        assert not set(keys_in(folder).values()) & set(keys.values())
        assert terminal.json("process", "list") == []
        assert dev.end() == 0


def test_what_its_worker_holds_goes_back_to_the_queue_when_it_is_stopped(terminal: Terminal) -> None:
    with terminal.running("dev", "--port", "0", "--worker") as dev:
        address_of(dev)
        processid = terminal.out("process", "submit", "--func", "sleep", "--type", "cli", "1000")
        with terminal.running("process", "watch", processid) as watch:
            while "running" not in watch.line():
                pass
        assert dev.end() == 0
    with terminal.running("dev", "--port", "0") as dev:
        address_of(dev)
        process = terminal.json("process", "get", processid)
        assert (process["state"], process["history"][0]["ended"]) == (0, "handed_back")


def test_what_a_killed_run_left_running_is_run_again(terminal: Terminal) -> None:
    once, end = terminal.folder / "once", terminal.folder / "end"
    script = f"[ -e {once} ] && echo again && exit; touch {once}; while [ ! -e {end} ]; do sleep 0.1; done"
    try:
        with terminal.running("dev", "--port", "0", "--worker") as dev:
            address_of(dev)
            processid = terminal.out("process", "submit", "--func", "sh", "--type", "cli", "--", "-c", script)
            wait_until(once.exists)
            dev.process.kill()
        with terminal.running("dev", "--port", "0", "--worker") as dev:
            address_of(dev)
            terminal.run("process", "watch", processid)
            assert terminal.json("process", "get", processid)["out"] == ["again\n"]
            assert dev.end() == 0
    finally:
        end.touch()  # for the program of the first run, which nobody could end


def test_a_context_that_somebody_chose_stays_the_current_one(terminal: Terminal) -> None:
    terminal.run("context", "add", "work", "--server", "http://127.0.0.1:1")
    with terminal.running("dev", "--port", "0") as dev:
        address_of(dev)
        assert terminal.json("context", "show")["name"] == "work"
        assert terminal.json("stats", "--context", "dev")["types"]
        assert dev.end() == 0


def test_a_port_that_is_taken_is_said_in_a_sentence(terminal: Terminal) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert "is taken" in terminal.refusal("dev", "--port", port)


@pytest.mark.parametrize("options", [(), ("--fresh",)])
def test_a_second_one_in_the_same_folder_is_refused(terminal: Terminal, options: tuple[str, ...]) -> None:
    with terminal.running("dev", "--port", "0") as dev:
        address_of(dev)
        assert "broker.db" in terminal.refusal("dev", "--port", "0", *options)
        assert terminal.json("stats")["types"]
        assert dev.end() == 0
