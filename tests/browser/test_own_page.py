"""Pages of a reader's own: below `examples/`, as the README says, and from another server, as the guide says."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.cli.terminal import Terminal
from tests.guide.javascript_blocks import blocks
from tests.support.broker import Broker
from tests.support.colony import make_colony, spec
from tests.support.mongod import free_port
from tests.support.peer import peer

from .chromium import Troubles

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
GUIDE = (ROOT / "docs" / "guide.md").read_text()


@pytest.fixture
def broker_of_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start_broker: Callable[..., Broker]
) -> Broker:
    """A broker that runs from a copy of this checkout, in which a reader has put the page of the README."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "broker", checkout / "broker", ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / "sdk_js").symlink_to(ROOT / "sdk_js")
    page = checkout / "examples" / "desk"
    page.mkdir(parents=True)
    for name, language in (("index.html", "html"), ("desk.js", "javascript")):
        (text,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
        (page / name).write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(checkout))  # before what is installed for the tests
    monkeypatch.chdir(checkout)
    return start_broker(f"sqlite:{tmp_path / 'broker.db'}")


async def test_the_page_of_the_readme_is_a_lamp(broker_of_a_checkout: Broker, page: Page, troubles: Troubles) -> None:
    address = broker_of_a_checkout.address
    troubles.allow("favicon.ico")
    async with peer(address) as link:
        keys = await make_colony(link, broker_of_a_checkout.owner)
        await page.goto(f"{address}/examples/desk/#{keys.executor.private_key}")
        await link.call(keys.operator, "process.submit", spec=spec("set_lamp", args=["on"]))
        await expect(page.locator("body")).to_have_text("the lamp is on")


@pytest.fixture
def commands() -> list[list[str]]:
    """The two commands of the guide, with a free port for 9000."""
    (block,) = [block for block in re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL) if "--allow-origin" in block]
    port = str(free_port())
    return [shlex.split(line.replace("9000", port)) for line in block.splitlines()]


@pytest.fixture
def server_of_files(commands: list[list[str]], tmp_path: Path) -> Iterator[Path]:
    """The second command, and the folder that it serves."""
    folder = tmp_path / "my-pages"
    folder.mkdir()
    _, *words = commands[1]
    command = [sys.executable, "-u", *words]
    server = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert server.stdout is not None
    server.stdout.readline()  # it serves
    yield folder
    server.terminate()
    server.communicate(timeout=30)


async def test_a_page_of_another_server_works_where_its_origin_is_let_in(
    commands: list[list[str]], server_of_files: Path, tmp_path: Path, page: Page
) -> None:
    terminal = Terminal(tmp_path)
    _, *words = commands[0]
    with terminal.running(*words, "--port", "0") as dev:
        address = dev.line().removeprefix("ready ")
        _write_page(server_of_files, address, key=_key_of_the_lamp(terminal))
        await page.goto(words[-1])
        done = terminal.json("process", "submit", "--func", "show", "--type", "lamp", "--wait", "hello")
        assert done["state"] == 2
        await expect(page.locator("body")).to_have_text("hello")
        assert dev.end() == 0


def _key_of_the_lamp(terminal: Terminal) -> str:
    return (terminal.folder / "data" / "colonies" / "dev" / "keys" / "lamp.key").read_text().strip()


def _write_page(folder: Path, address: str, *, key: str) -> None:
    """The first page of the guide, with the broker's address where the guide says so."""
    (text, *_) = [block.text for block in blocks() if block.where == "page"]
    script = text.replace("/sdk/colonies.js", f"{address}/sdk/colonies.js").replace("location.origin", f'"{address}"')
    (folder / "page.js").write_text(script.replace("EXECUTOR_KEY", f'"{key}"'))
    html = '<!doctype html>\n<link rel="icon" href="data:,">\n<script type="module" src="page.js"></script>\n'
    (folder / "index.html").write_text(html)
