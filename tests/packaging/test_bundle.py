"""What browsers are given: it is made of the sources and the lock file, stands alone, and its licences come with it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.node import with_node

ROOT = Path(__file__).parents[2]
SDK = ROOT / "sdk_js"
DIST = SDK / "dist"
BUNDLE = (DIST / "colonies.js").read_text()
LICENCES = (DIST / "LICENSES.txt").read_text()


@pytest.fixture(scope="module")
def made_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = ["node", "build/bundle.js", str(folder)]
    subprocess.run(command, cwd=SDK, env=with_node(), check=True, timeout=60)
    return folder


@pytest.mark.parametrize("name", ["colonies.js", "LICENSES.txt"])
def test_what_is_committed_is_what_make_bundle_makes(made_again: Path, name: str) -> None:
    assert (made_again / name).read_bytes() == (DIST / name).read_bytes(), "run `make bundle` and commit sdk_js/dist"


def test_nothing_else_is_served_beside_it(made_again: Path) -> None:
    assert {path.name for path in DIST.iterdir()} == {path.name for path in made_again.iterdir()}


def test_it_imports_nothing() -> None:
    assert not re.search(r"^\s*import\b|^export\b.*\bfrom\b|\bimport\(|\brequire\(", BUNDLE, re.MULTILINE)


def test_every_package_that_it_needs_is_in_it_but_for_the_sockets_of_node() -> None:
    needed = json.loads((SDK / "package.json").read_text())["dependencies"].keys()
    parts = set(re.findall(r"^// node_modules/((?:@[^/]+/)?[^/]+)/", BUNDLE, re.MULTILINE))
    assert parts == needed - {"ws"}


def test_every_package_in_it_has_its_licence_and_version_beside_it() -> None:
    locked = json.loads((SDK / "package-lock.json").read_text())["packages"]
    parts = set(re.findall(r"^// node_modules/((?:@[^/]+/)?[^/]+)/", BUNDLE, re.MULTILINE))
    assert parts
    for name in parts:
        package = locked[f"node_modules/{name}"]
        start = LICENCES.index(f"\n{name} {package['version']} ({package['license']})\n")
        text = LICENCES[start:].split("\n====", 1)[0]
        assert "Copyright" in text
        assert len(text) > 500, name


def test_the_projects_own_licence_comes_first_and_is_the_same_everywhere() -> None:
    own = (ROOT / "LICENSE").read_text()
    assert (SDK / "LICENSE").read_text() == own
    assert own in LICENCES.split("\n====", 1)[0] + "\n"


def test_the_sdks_have_one_version() -> None:
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version
    assert json.loads((SDK / "package.json").read_text())["version"] == version[1]
    assert BUNDLE.startswith(f"/*! colonies {version[1]},")


def test_the_lock_file_names_hashes_and_no_registry() -> None:
    packages = json.loads((SDK / "package-lock.json").read_text())["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)
    assert not any("resolved" in package for package in packages.values())
