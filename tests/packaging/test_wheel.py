"""The wheel: it carries what the broker serves, and needs no checkout for it."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from broker.server.pages import DASHBOARD, TYPES
from tests.support.broker import Broker

ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [*PIP, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, timeout=100)
    (made,) = folder.iterdir()
    return made


def test_it_holds_both_packages_and_all_that_is_served_and_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as opened:
        names = {name for name in opened.namelist() if ".dist-info/" not in name}
    pages = {path for path in (ROOT / "examples").rglob("*") if path.suffix in TYPES}
    assert {ROOT / "examples" / "lamp" / "index.html", ROOT / "examples" / "fractal" / "index.html"} <= pages
    assert names == {
        *(f"broker/{path.relative_to(ROOT / 'broker')}" for path in code(ROOT / "broker")),
        *(f"colonies/{path.relative_to(ROOT / 'sdk_py' / 'colonies')}" for path in code(ROOT / "sdk_py" / "colonies")),
        *(f"broker/pages/sdk/{path.name}" for path in (ROOT / "sdk_js" / "dist").iterdir()),
        *(f"broker/pages/{path.relative_to(ROOT)}" for path in pages),
        *(f"broker/pages/dashboard/{path}" for path in dashboard()),
    }


def dashboard() -> list[Path]:
    folder = ROOT / "web_dashboard"
    served = [path.relative_to(folder) for path in folder.rglob("*") if path.suffix in TYPES]
    found = [path for path in served if path.parts[0] in DASHBOARD]
    assert {Path("index.html"), Path("src/main.js"), Path("vendor/ui.js")} <= set(found)
    return found


def code(package: Path) -> list[Path]:
    return [*package.rglob("*.py"), package / "py.typed"]


def test_what_it_installs_serves_pages_without_a_checkout(
    wheel: Path, tmp_path: Path, start_broker: Callable[..., Broker], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "installed"
    command = [*PIP, "install", "--quiet", "--no-deps", "--no-index", "--target", str(installed), str(wheel)]
    subprocess.run(command, check=True, timeout=100)
    monkeypatch.setenv("PYTHONPATH", str(installed))  # before what is installed for the tests
    monkeypatch.chdir(tmp_path)
    served = installed / "broker" / "pages" / "sdk" / "colonies.js"
    served.write_text("// of the wheel\n" + served.read_text())
    broker = start_broker(f"sqlite:{tmp_path / 'broker.db'}")
    expected = {
        "/sdk/colonies.js": served,
        "/examples/lamp/": installed / "broker/pages/examples/lamp/index.html",
        "/": installed / "broker/pages/dashboard/index.html",
    }
    for path, file in expected.items():
        with urllib.request.urlopen(f"{broker.address}{path}", timeout=10) as response:
            assert response.read() == file.read_bytes()
