"""`colonies dev`: all that is needed to try things on, in one command."""

from __future__ import annotations

import signal
import socket

import pytest

from .terminal import Running, Terminal
from .waiting import wait_until


def address_of(running: Running) -> str:
    ready, _, address = running.line().partition(" ")
    assert ready == "ready"
    return address


def test_a_second_terminal_needs_no_options(terminal: Terminal) -> None:
    with terminal.running("dev", "--port", "0", "--worker") as dev:
        address_of(dev)
        process = terminal.json("process", "submit", "--func", "echo", "--type", "cli", "--wait", "hello")
        assert process["out"] == ["hello\n"]
        assert [executor["executorname"] for executor in terminal.json("executor", "list")] == ["cli"]
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
    for path in keys.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.read_text().strip() not in said
    assert keys.parent.stat().st_mode & 0o777 == 0o700
    assert len(list(keys.iterdir())) == 4


def test_another_run_finds_what_was_there_and_fresh_forgets_it(terminal: Terminal) -> None:
    folder = str(terminal.folder / "place")
    with terminal.running("dev", "--port", "0", "--folder", folder) as dev:
        address_of(dev)
        processid = terminal.out("process", "submit", "--func", "echo", "--type", "cli")
        assert dev.end(signal.SIGINT) == 0
    with terminal.running("dev", "--port", "0", "--folder", folder, "--worker") as dev:
        address_of(dev)
        terminal.run("process", "watch", processid)
        assert dev.end() == 0
    with terminal.running("dev", "--port", "0", "--folder", folder, "--fresh") as dev:
        address_of(dev)
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
