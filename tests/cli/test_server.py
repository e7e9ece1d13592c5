"""`colonies server start` and `init`."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from colonies.wire.identity import Identity
from tests.support.mongod import free_port

from .terminal import Running, Terminal


def address_of(running: Running) -> str:
    ready, _, address = running.line().partition(" ")
    assert ready == "ready"
    return address


def test_without_options_it_makes_an_owner_once_and_keeps_everything_in_the_users_folders(terminal: Terminal) -> None:
    key_path = terminal.config / "server-owner.key"
    with terminal.running("server", "start", "--port", "0") as server:
        assert str(key_path) in server.said("made a server owner")
        address = address_of(server)
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}/readyz", timeout=20) as answer:
            assert answer.status == 200
        key = ("--key-file", str(key_path), "--server", address)
        made = terminal.json("colony", "add", "lab", *key)
        assert server.end() == 0
    assert key_path.stat().st_mode & 0o777 == 0o600
    assert (terminal.folder / "data" / "colonies" / "broker.db").exists()
    with terminal.running("server", "start", "--port", "0") as server:
        key = ("--key-file", str(key_path), "--server", address_of(server))
        assert terminal.json("colony", "list", *key) == [made]
        assert server.end(signal.SIGINT) == 0
        assert server.process.stderr is not None
        assert "made a server owner" not in server.process.stderr.read()


def test_options_may_come_from_the_environment(terminal: Terminal) -> None:
    owner = Identity.generate()
    variables = {
        "COLONIES_HOST": "127.0.0.1",
        "COLONIES_PORT": str(free_port()),
        "COLONIES_STORE": f"sqlite:{terminal.folder}/own.db",
        "COLONIES_OWNER": owner.id,
        "COLONIES_ALLOW_ORIGIN": "https://a.example, https://b.example",
        "COLONIES_DRAIN": "1",
        "COLONIES_RETAIN": "0.5",
        "COLONIES_LOG_LEVEL": "warning",
    }
    with terminal.running("server", "start", **variables) as server:
        assert address_of(server) == f"http://127.0.0.1:{variables['COLONIES_PORT']}"
        assert server.end() == 0
    assert (terminal.folder / "own.db").exists()
    assert not terminal.config.exists()


def run_without(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line where a module is not installed."""
    script = f"import sys; sys.modules[{module!r}] = None; from colonies.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("command", ["server", "dev"])
def test_without_the_broker_installed_it_says_what_to_install(command: str) -> None:
    done = run_without("uvicorn", command, "--help")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: `colonies {command}` needs the broker")
    assert 'install "colonies-broker[broker]"' in done.stderr


def test_without_the_broker_installed_everything_else_works() -> None:
    assert run_without("broker", "key", "new").returncode == 0
    assert run_without("broker", "--help").returncode == 0


def test_init_makes_the_owners_key_and_starts_nothing(terminal: Terminal) -> None:
    said = terminal.out("server", "init")
    key_path = terminal.config / "server-owner.key"
    assert Identity(key_path.read_text()).id in said
    assert "colonies server start" in said
    assert terminal.out("server", "init") == said


def refusal(terminal: Terminal, *options: str, code: int = 1, **variables: str) -> str:
    """The last line on standard error: logs and the new owner may come before it."""
    given = ("--owner", Identity.generate().id, *options)
    done = terminal.run("server", "start", *given, code=code, **variables)
    assert done.stdout == ""
    return done.stderr.splitlines()[-1]


def test_a_port_that_is_taken(terminal: Terminal) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert refusal(terminal, "--port", port).startswith(f"error: port {port} is taken on 127.0.0.1")
        assert "is taken" in terminal.refusal("server", "start", "--port", port)
    assert not (terminal.config / "server-owner.key").exists()


def test_a_store_that_cannot_be_reached(terminal: Terminal) -> None:
    store = f"mongodb://127.0.0.1:{free_port()}/lab?serverSelectionTimeoutMS=500&replicaSet=rs0"
    assert refusal(terminal, "--port", "0", "--store", store).startswith("error: ")


def test_a_store_that_is_none(terminal: Terminal) -> None:
    assert "sqlite:PATH" in refusal(terminal, "--port", "0", "--store", "postgres://x")


def test_a_store_in_a_place_that_is_no_folder(terminal: Terminal) -> None:
    (terminal.folder / "file").touch()
    path = terminal.folder / "file" / "broker.db"
    assert str(path) in refusal(terminal, "--port", "0", "--store", f"sqlite:{path}")


def test_several_brokers_on_a_store_that_is_one_brokers(terminal: Terminal) -> None:
    assert refusal(terminal, "--port", "0", "--workers", "2").startswith("error: SQLite is one broker: --workers needs")
    assert not (terminal.folder / "data").exists()
    assert "SQLite is one broker" in refusal(terminal, "--port", "0", COLONIES_WORKERS="2")


def test_what_a_parent_starts_is_not_for_anybody_else(terminal: Terminal) -> None:
    assert "--workers" in terminal.refusal("server", "child", code=2)
    assert "child" not in terminal.out("server", "--help")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("COLONIES_STOR", "COLONIES_STORE"), ("COLONIES_SEVER", "COLONIES_SERVER"), ("COLONIES_OWNR", "COLONIES_OWNER")],
)
def test_a_misspelt_variable_stops_the_start_with_the_nearest_name(terminal: Terminal, name: str, meant: str) -> None:
    said = refusal(terminal, "--port", "0", code=2, **{name: "x"})
    assert said == f"error: the environment variable {name} means nothing here; did you mean {meant}?"


@pytest.mark.parametrize(
    ("option", "value"),
    [("--owner", "me"), ("--log-level", "loud"), ("--port", "70000"), ("--drain", "-1"), ("--workers", "0")],
)
def test_a_value_that_makes_no_sense_is_a_misuse(terminal: Terminal, option: str, value: str) -> None:
    assert option in refusal(terminal, "--port", "0", option, value, code=2)
