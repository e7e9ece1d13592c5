"""The SDKs get to another machine as the guide says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.node import with_node

ROOT = Path(__file__).parents[2]
PAGES = ("docs/guide.md", "sdk_js/README.md")
IMPORT = 'import { Colonies, Worker } from "colonies"; console.log(typeof Colonies, typeof Worker);'


def commands(page: str, words: str) -> list[list[str]]:
    """The commands of a page that begin with these words, with this checkout for the reader's."""
    lines = re.findall(rf"^{words} .*CHECKOUT.*$", (ROOT / page).read_text(), re.MULTILINE)
    assert lines
    return [shlex.split(line.replace("CHECKOUT", str(ROOT))) for line in lines]


@pytest.mark.parametrize("page", PAGES)
def test_a_program_of_node_has_the_package_and_what_it_stands_on(page: str, tmp_path: Path) -> None:
    ((npm, *words),) = commands(page, "npm install")
    (tmp_path / "package.json").write_text("{}")
    # What the tests themselves needed lies in npm's cache.
    install = [npm, *words, "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(install, cwd=tmp_path, env=with_node(), check=True, timeout=100)
    assert not (tmp_path / "node_modules" / "colonies").is_symlink()
    program = ["node", "--input-type=module", "--eval", IMPORT]
    said = subprocess.run(
        program, cwd=tmp_path, env=with_node(), capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout == "function function\n"


def test_a_program_of_python_has_the_sdk_and_the_command(tmp_path: Path) -> None:
    ((_, *words),) = commands("docs/guide.md", "pip install")
    # What it stands on is there already; into a folder of its own, and without fetching what makes the wheel.
    offline = ["--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check", "--target", str(tmp_path)]
    subprocess.run([sys.executable, "-m", "pip", *words, *offline], check=True, timeout=100)
    assert (tmp_path / "bin" / "colonies").exists()
    program = "import colonies; print(colonies.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert Path(where.stdout.strip()).is_relative_to(tmp_path)
