"""`colonies bench`: what a broker does in a second. Counts and shapes are held here, never times."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.broker import Broker

from .terminal import COMMAND, Terminal
from .waiting import wait_gone, wait_until

BRIEF = ("--seconds", "0.3")


def owner_options(terminal: Terminal, broker: Broker) -> tuple[str, ...]:
    return ("--server", broker.address, "--key-file", terminal.key_file("server-owner", broker.owner))


def measured(terminal: Terminal, *arguments: str, **options: Any) -> Any:
    report = terminal.json("bench", *arguments, **options)
    assert report["schema"] == 2
    assert report["machine"]["verifications"] > 0
    assert report["machine"]["commits"] > 0
    return report


def test_lifecycles_are_measured_on_a_broker_that_is_started_for_it(terminal: Terminal, tmp_path: Path) -> None:
    report = measured(terminal, "lifecycle", "--producers", "2", "--workers", "3", *BRIEF, TMPDIR=str(tmp_path))
    assert (report["store"], report["own_broker"]) == ("sqlite", True)
    (run,) = report["lifecycle"]
    assert (run["producers"], run["workers"], run["inflight"]) == (2, 3, 4)
    assert run["processes"] > 0
    assert run["submit"]["count"] > 0
    assert run["rate"]["of_verifications"] > 0
    for who in ("broker", "load"):
        assert run["spent"][who]["cpu_seconds"] > 0
        assert run["spent"][who]["peak_bytes"] > 1 << 20
    assert [path for path in tmp_path.iterdir() if "colonies-bench" in path.name] == []


def test_the_load_can_come_from_several_programs(terminal: Terminal) -> None:
    report = measured(terminal, "lifecycle", "--producers", "4", "--workers", "4", "--programs", "2", *BRIEF)
    assert report["lifecycle"][0]["programs"] == 2
    assert report["lifecycle"][0]["processes"] > 0


def test_by_default_there_are_three_sizes_and_a_table(terminal: Terminal) -> None:
    said = terminal.out("bench", "lifecycle", *BRIEF)
    assert all(size in said for size in ("1/1", "8/8", "32/32"))
    assert "verifications" in said
    assert "promises" in said


def test_a_broker_that_runs_is_measured_and_left_as_it_was(terminal: Terminal, broker: Broker) -> None:
    options = owner_options(terminal, broker)
    before = terminal.json("colony", "list", *options)
    report = measured(terminal, "submit", "--batch", "10", *BRIEF, *options)
    assert (report["store"], report["own_broker"]) == ("sqlite", False)
    assert report["submit"]["processes"] > 0
    assert report["submit"]["spent"]["broker"]["cpu_seconds"] is not None
    assert terminal.json("colony", "list", *options) == before


def test_a_store_is_made_beside_the_file_that_is_named_and_removed(terminal: Terminal, tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    (place / "own.db").write_bytes(b"what lies there")
    report = measured(terminal, "submit", "--store", f"sqlite:{place / 'own.db'}", *BRIEF)
    assert report["machine"]["commits_in"] == str(place)
    assert os.listdir(place) == ["own.db"]
    assert (place / "own.db").read_bytes() == b"what lies there"


def test_a_promise_of_other_conditions_is_not_judged(terminal: Terminal) -> None:
    """One process on its way at a time would keep none."""
    slow = ("lifecycle", "--producers", "8", "--workers", "8", "--inflight", "1", *BRIEF)
    report = measured(terminal, *slow, "--check")
    ((reached, why),) = [(promise["reached"], promise["not_judged"]) for promise in report["promises"]]
    assert reached is None
    assert why == "processes on their way: 1, and it was promised for 16"
    assert "not judged" in terminal.out("bench", *slow, "--check")


@pytest.mark.parametrize(
    ("options", "said", "code"),
    [
        (("--store", "redis://x"), "--store takes sqlite:PATH", 2),
        (("--store", "sqlite:/nowhere/at/all.db"), "there is no folder /nowhere/at", 2),
        (("--store", "sqlite:/proc/x.db"), "no folder can be made in /proc", 1),
        (("--store", "sqlite:x.db", "--server", "http://127.0.0.1:1"), "not both", 2),
        (("--key", "00" * 32), "name it with --server", 2),
        (("--server", "http://127.0.0.1:1"), "the key of its server owner", 2),
        (("--server", "http://127.0.0.1:1", "--key", "00" * 32), "cannot be reached", 3),
        (("--seconds", "0"), "greater than or equal to 0.1", 2),
        (("--plot", "/nowhere/at/all.svg"), "there is no folder /nowhere/at", 2),
    ],
)
def test_wrong_use_is_a_sentence(terminal: Terminal, options: tuple[str, ...], said: str, code: int) -> None:
    assert said in terminal.refusal("bench", "submit", *options, code=code)


def test_whoever_is_not_the_server_owner_is_refused(terminal: Terminal, broker: Broker) -> None:
    refusal = terminal.refusal("bench", "submit", "--server", broker.address, "--key", "11" * 32)
    assert "can be added by the server owner alone" in refusal


def test_the_environment_puts_no_broker_under_load(terminal: Terminal) -> None:
    """COLONIES_SERVER and COLONIES_STORE are of whoever works with a broker; a measurement starts its own."""
    elsewhere = {"COLONIES_SERVER": "http://127.0.0.1:1", "COLONIES_STORE": "redis://x"}
    assert measured(terminal, "submit", *BRIEF, **elsewhere)["own_broker"]


def test_latency_counts_from_when_it_was_due_and_from_when_it_was_sent(terminal: Terminal) -> None:
    latency = measured(terminal, "latency", "--rate", "40", "--seconds", "0.5")["latency"]
    for since in ("due", "sent"):
        for what in ("acknowledged", "worker", "subscriber"):
            said = latency[f"{since}_to_{what}"]
            assert (said["count"], said["missing"]) == (20, 0)
            assert 0 < said["p50"] <= said["p90"] <= said["p99"] <= said["p999"] <= said["max"]
            assert latency[f"due_to_{what}"]["p50"] >= latency[f"sent_to_{what}"]["p50"] * 0.98


def test_the_same_bytes_are_handed_to_as_many_sockets_by_three_servers(terminal: Terminal) -> None:
    fanout = measured(terminal, "fanout", "--subscribers", "30", "--inflight", "2", *BRIEF)["fanout"]
    for server in ("broker", "starlette", "broadcast"):
        assert fanout[server]["server"] == server
        assert fanout[server]["deliveries"] >= 30
        assert fanout[server]["cpu_us"] > 0
        assert 0 < fanout[server]["frames_per_second"] <= fanout[server]["per_second"]
    assert 300 < fanout["message_bytes"] < 2000


def test_idle_connections_are_held_at_a_broker_and_at_a_bare_endpoint(terminal: Terminal) -> None:
    connections = measured(terminal, "connections", "--number", "150", "--programs", "2", *BRIEF)["connections"]
    for server in ("broker", "starlette"):
        assert connections[server]["connections"] == 150
        assert connections[server]["bytes_each"] > 0
    assert connections["memory_ratio"] > 0


def test_a_limit_of_open_files_that_is_too_low_is_said(terminal: Terminal) -> None:
    script = f"ulimit -n 400; exec {COMMAND} bench connections --number 1000"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, env=terminal.environment, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "1000 sockets need 1256 open files, and this user may have 400 a program" in done.stderr


def test_an_assign_is_measured_with_queues_of_several_lengths(terminal: Terminal) -> None:
    report = measured(terminal, "backlog", "--most", "1200", "--limits", "150", *BRIEF)
    short, long = report["backlog"]["depths"]
    assert (short["waiting"], long["waiting"]) == (1000, 1200)
    assert (short["wall_ratio"], short["cpu_ratio"]) == (1, 1)
    assert long["cpu_us"] > 0
    sweep = report["backlog"]["sweep"]
    assert (sweep["running"], sweep["fired"]) == (150, 6)
    assert (sweep["late"]["count"], sweep["late"]["missing"]) == (6, 0)


def test_queues_at_a_broker_that_runs_are_in_colonies_of_their_own(terminal: Terminal, broker: Broker) -> None:
    options = owner_options(terminal, broker)
    report = measured(terminal, "backlog", "--most", "300", "--limits", "0", *BRIEF, *options)
    (depth,) = report["backlog"]["depths"]
    assert (depth["waiting"], depth["cpu_us"], depth["cpu_ratio"]) == (300, None, None)
    assert depth["wall_us"] > 0
    assert report["backlog"]["sweep"] is None


def test_all_of_it_is_one_report_and_one_drawing(terminal: Terminal, tmp_path: Path) -> None:
    few = ("--subscribers", "20", "--connections", "50", "--most", "100", "--limits", "50")
    report = measured(terminal, "all", *few, "--seconds", "0.2", "--plot", str(tmp_path / "bench.svg"))
    parts = ("lifecycle", "submit", "latency", "fanout", "connections", "backlog", "promises")
    assert [part for part in parts if not report[part]] == []
    drawn = (tmp_path / "bench.svg").read_text()
    assert drawn.startswith("<svg")
    assert "prefers-color-scheme: dark" in drawn


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_that_is_ended_takes_down_what_it_started(
    terminal: Terminal, tmp_path: Path, number: signal.Signals
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    with terminal.running("bench", "latency", "--seconds", "50", TMPDIR=str(place)) as bench:
        wait_until(lambda: any(place.glob("colonies-bench-*/broker.db")) and len(named(place)) > 0)
        assert bench.end(number) == 130
    assert list(place.iterdir()) == []
    assert named(place) == []


@pytest.mark.parametrize("bench", ["latency", "fanout"])
def test_one_that_is_killed_leaves_no_broker_no_load_and_no_folder(
    terminal: Terminal, tmp_path: Path, bench: str
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    with terminal.running("bench", bench, "--seconds", "50", TMPDIR=str(place)) as running:
        pid = running.process.pid
        wait_until(lambda: any("broker.bench.load" in command for command in children_of(pid).values()))
        children = children_of(pid)
        assert any("broker start" in command for command in children.values())
        assert running.end(signal.SIGKILL) == -signal.SIGKILL
    for child in children:
        wait_gone(child)
    wait_until(lambda: list(place.iterdir()) == [])


def test_a_broker_that_ends_in_the_middle_is_said(terminal: Terminal, tmp_path: Path) -> None:
    with terminal.running("bench", "latency", "--seconds", "4", TMPDIR=str(tmp_path)) as running:
        broker, _ = wait_loaded(running.process.pid)
        os.kill(broker, signal.SIGKILL)
        assert f"broker, {broker}, which was measured, ended by SIGKILL" in running.said("which was measured")
        assert running.process.wait() == 1


def test_a_colony_that_nobody_waits_for_is_named(terminal: Terminal, broker: Broker) -> None:
    """A broker that stands still removes nothing; Ctrl-C again does not wait for it."""
    with terminal.running("bench", "latency", "--seconds", "50", *owner_options(terminal, broker)) as running:
        pid = running.process.pid
        wait_until(lambda: any("broker.bench.load" in command for command in children_of(pid).values()))
        os.kill(broker.pid, signal.SIGSTOP)
        try:
            running.process.send_signal(signal.SIGINT)
            wait_until(lambda: not any("broker.bench.load" in command for command in children_of(pid).values()))
            running.process.send_signal(signal.SIGINT)
            assert f"at {broker.address} remains: remove it with `colonies colony remove" in running.said("the colony")
            assert running.process.wait() == 130
        finally:
            os.kill(broker.pid, signal.SIGCONT)


def wait_loaded(bench: int) -> tuple[int, int]:
    """The ids of a broker and of a load, once both are there."""
    found: dict[str, int] = {}

    def are_there() -> bool:
        for pid, command in children_of(bench).items():
            found.update({kind: pid for kind in ("broker start", "broker.bench.load") if kind in command})
        return len(found) == 2

    wait_until(are_there)
    return found["broker start"], found["broker.bench.load"]


def children_of(parent: int) -> dict[int, str]:
    """The programs that it has started and that have not ended, and what each was told."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended in between
            if int(path.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1]) == parent:
                found[int(path.name)] = path.joinpath("cmdline").read_text().replace("\0", " ")
    return found


def named(place: Path) -> list[str]:
    """Programs that have been told of this folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended in between
            found.append(path.read_text().replace("\0", " "))
    return [command for command in found if str(place) in command]
