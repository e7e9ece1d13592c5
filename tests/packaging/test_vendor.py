"""What the dashboard stands on: it is made of the lock file, stands alone, and its licences come with it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.node import with_node

DASHBOARD = Path(__file__).parents[2] / "web_dashboard"
VENDOR = DASHBOARD / "vendor"
SERVED = ("ui.js", "uplot.js", "uplot.css", "LICENSES.txt")
LOCKED = json.loads((DASHBOARD / "package-lock.json").read_text())["packages"]


@pytest.fixture(scope="module")
def made_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vendor")
    subprocess.run(["node", "build/vendor.js", str(folder)], cwd=DASHBOARD, env=with_node(), check=True, timeout=60)
    return folder


@pytest.mark.parametrize("name", SERVED)
def test_what_is_committed_is_what_make_vendor_makes(made_again: Path, name: str) -> None:
    assert (made_again / name).read_bytes() == (VENDOR / name).read_bytes(), "run `make vendor`, commit vendor/"


def test_nothing_else_lies_there_but_the_types(made_again: Path) -> None:
    assert {path.name for path in made_again.iterdir()} == set(SERVED)
    assert {path.name for path in VENDOR.iterdir()} == {*SERVED, "ui.d.ts", "uplot.d.ts"}


@pytest.mark.parametrize("name", ["ui.js", "uplot.js"])
def test_a_module_imports_nothing_and_makes_no_code_of_text(name: str) -> None:
    text = (VENDOR / name).read_text()
    assert not re.search(r"^\s*import\b|^export\b.*\bfrom\b|\bimport\(|\brequire\(", text, re.MULTILINE)
    assert not re.search(r"\beval\(|\bnew Function\b", text)  # the content security policy would stop it


def test_every_package_in_it_has_its_licence_and_version_beside_it() -> None:
    text = "".join((VENDOR / name).read_text() for name in ("ui.js", "uplot.js"))
    parts = set(re.findall(r"^// node_modules/((?:@[^/]+/)?[^/]+)/", text, re.MULTILINE))
    assert parts == {"preact", "htm", "uplot"}
    licences = (VENDOR / "LICENSES.txt").read_text()
    for name in parts:
        package = LOCKED[f"node_modules/{name}"]
        assert f"{name} {package['version']} ({package['license']})\n" in licences
    assert licences.count("Copyright") >= len(parts)


def test_the_lock_file_names_hashes_and_no_registry() -> None:
    assert all("integrity" in package for name, package in LOCKED.items() if name)
    assert not any("resolved" in package for package in LOCKED.values())
