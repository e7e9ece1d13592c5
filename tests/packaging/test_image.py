"""The image: linted, not root, and started and watched by commands that exist. No engine builds it here."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

from broker.environment import misspelt
from tests.support.broker import Broker

from .dockerfile import instructions, last_stage

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
INSTRUCTIONS = instructions(DOCKERFILE.read_text())
IMAGE = last_stage(INSTRUCTIONS)
TOOLS = Path(sys.executable).parent


def run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("COLONIES_")}
    return subprocess.run(
        command, env={**own, **environment}, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )


def test_the_linter_of_dockerfiles_has_nothing_to_say() -> None:
    linted = run([str(TOOLS / "hadolint"), "--no-color", str(DOCKERFILE)])
    assert (linted.returncode, linted.stdout) == (0, ""), linted.stdout + linted.stderr


def test_the_image_is_made_of_wheels_and_holds_no_source() -> None:
    assert [i.name for i in INSTRUCTIONS].count("FROM") == 2
    assert "COPY" not in IMAGE
    assert "--no-index" in IMAGE["RUN"][0]


def test_what_is_copied_is_let_in_and_is_all_that_the_packages_are_made_of() -> None:
    copied = {source for i in INSTRUCTIONS if i.name == "COPY" for source in i.text.split()[:-1]}
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert copied == {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    made_of = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    roots = {{"sdk_py/colonies": "sdk_py"}.get(folder, folder) for folder in made_of}
    files = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    assert copied == roots | files
    assert all((ROOT / source).exists() for source in copied)


def test_the_broker_runs_as_nobody_special_and_keeps_everything_in_its_volume() -> None:
    (user,) = IMAGE["USER"]
    assert int(user) > 0
    assert f"--uid {user} " in IMAGE["RUN"][0]
    assert IMAGE["WORKDIR"] == ["/data"]
    assert json.loads(IMAGE["VOLUME"][0]) == ["/data"]
    environment = dict(pair.split("=", 1) for pair in shlex.split(IMAGE["ENV"][0]))
    assert misspelt(environment) == ""
    assert environment["COLONIES_STORE"].startswith("sqlite:/data/")
    assert environment["COLONIES_CONFIG_HOME"].startswith("/data/")


def test_the_image_starts_a_command_that_exists_and_stops_it_so_that_it_drains() -> None:
    command: list[str] = [*json.loads(IMAGE["ENTRYPOINT"][0]), *json.loads(IMAGE["CMD"][0])]
    shown = run([str(TOOLS / command[0]), *command[1:], "--help"], TERM="dumb")
    assert shown.returncode == 0, shown.stderr
    assert "Run a broker" in shown.stdout
    assert IMAGE["STOPSIGNAL"] == ["SIGTERM"]


def check_health(port: int) -> int:
    (healthcheck,) = IMAGE["HEALTHCHECK"]
    match = re.search(r"CMD (\[.*\])$", healthcheck)
    assert match
    program, *arguments = json.loads(match[1])
    assert program == "python"
    return run([sys.executable, *arguments], COLONIES_PORT=str(port)).returncode


def test_the_health_check_holds_while_the_broker_lives_and_not_after(broker: Broker, unused_port: int) -> None:
    assert check_health(broker.port) == 0
    assert check_health(unused_port) != 0


def test_no_key_is_in_what_is_shipped() -> None:
    for name in ("Dockerfile", "docker-compose.yml", ".dockerignore"):
        assert not re.search(r"[0-9a-fA-F]{64}|password|COLONIES_KEY", (ROOT / name).read_text()), name
