"""The Makefile: it installs once, says what is missing, and is all that continuous integration runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a Makefile and nothing installed."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Not as a part of the make that may run these tests.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=checkout, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def stamp(path: Path, moment: float) -> None:
    path.parent.mkdir(exist_ok=True)
    path.touch()
    os.utime(path, (moment, moment))


def install_at(checkout: Path, moment: float) -> None:
    """As if everything had been installed then."""
    for name in (".made", ".installed", ".installed-test"):
        stamp(checkout / ".venv" / name, moment)


def test_make_alone_says_what_can_be_made(checkout: Path) -> None:
    told = make(checkout)
    assert told.returncode == 0, told.stderr
    listed = [line.split()[0] for line in told.stdout.splitlines()[1:]]
    assert listed == TARGETS
    assert set(TARGETS) == {"help", "install", "run", "test", "lint", "format", "vectors", "clean"}


def test_no_target_is_taken_for_a_file_of_that_name(checkout: Path) -> None:
    install_at(checkout, 2_000_000_000)
    (checkout / "test").mkdir()
    assert "pytest" in make(checkout, "--dry-run", "test").stdout
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony.split() == TARGETS


def test_testing_checks_style_types_and_floors_and_runs_the_tests(checkout: Path) -> None:
    install_at(checkout, 2_000_000_000)
    steps = make(checkout, "--dry-run", "test").stdout.splitlines()
    assert steps == [
        ".venv/bin/ruff check",
        """.venv/bin/ruff format --config 'extend-exclude = ["*.md"]' --check""",
        ".venv/bin/mypy",
        ".venv/bin/lint-imports",
        ".venv/bin/pytest -n 2",
    ]


def test_running_installs_and_starts_a_colony_with_a_worker(checkout: Path) -> None:
    fresh = make(checkout, "--dry-run", "run").stdout
    assert fresh.index("-m venv .venv") < fresh.index("pip install") < fresh.index(".venv/bin/colonies dev --worker")


@pytest.mark.parametrize("target", ["install", "run", "test", "format"])
def test_a_second_run_installs_nothing_until_the_project_asks_for_more(checkout: Path, target: str) -> None:
    stamp(checkout / "pyproject.toml", 1_000_000_000)
    install_at(checkout, 1_000_000_001)
    assert "pip install" not in make(checkout, "--dry-run", target).stdout
    stamp(checkout / "pyproject.toml", 1_000_000_002)
    again = make(checkout, "--dry-run", target).stdout
    assert "pip install --quiet" in again
    assert "-m venv" not in again


def test_what_cannot_make_virtual_environments_is_told_what_to_install(checkout: Path) -> None:
    """Debian takes `ensurepip` out of python3; here something else stands in its place."""
    (checkout / "ensurepip.py").write_text("raise ImportError")
    python = checkout / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{checkout}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    failed = make(checkout, "install", f"PYTHON={python}")
    assert failed.returncode != 0
    assert "apt install python3-venv" in failed.stderr
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("python", ["false", "no-such-python"])
def test_a_python_that_is_too_old_or_missing_is_named(checkout: Path, python: str) -> None:
    failed = make(checkout, "install", f"PYTHON={python}")
    assert failed.returncode != 0
    assert f"{python} is too old or missing: Python 3.11 or newer is needed" in failed.stderr


def test_cleaning_removes_what_was_made_and_nothing_else(checkout: Path) -> None:
    install_at(checkout, 1_000_000_000)
    (checkout / "broker" / "__pycache__").mkdir(parents=True)
    (checkout / "broker" / "kept.py").touch()
    assert make(checkout, "clean").returncode == 0
    left = {str(path.relative_to(checkout)) for path in checkout.rglob("*")}
    assert left == {"Makefile", "pyproject.toml", "broker", "broker/kept.py"}


@pytest.mark.parametrize("code", [0, 2])
def test_continuous_integration_runs_make_test_and_nothing_else(checkout: Path, code: int) -> None:
    (checkout / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", checkout / ".ci" / "run")
    program = checkout / "bin" / "make"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$PWD: $*"\nexit {code}\n')
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    ran = subprocess.run(
        [checkout / ".ci" / "run"], cwd="/", env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stdout) == (code, f"{checkout}: test\n")
