"""The compose file: valid by the compose specification, and its parts fit each other and the broker. No engine runs it here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from broker.environment import misspelt
from broker.store.open import open_store

from .dockerfile import instructions, last_stage

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
BROKER, MONGODB = COMPOSE["services"]["broker"], COMPOSE["services"]["mongodb"]


def test_the_file_is_valid_by_the_compose_specification() -> None:
    assert set(PyCompose.from_yaml(TEXT).to_dict()["services"]) == {"broker", "mongodb"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("healthcheck:", "healthchek:"), ("retries: 12", "retires: 12"), ("service_healthy", "healthy")],
)
def test_the_specification_would_have_seen_a_typing_error(right: str, wrong: str) -> None:
    assert right in TEXT
    with pytest.raises(ValueError, match=wrong.rstrip(":").split(":")[0]):
        PyCompose.from_yaml(TEXT.replace(right, wrong))


def test_the_broker_waits_for_a_primary_and_not_only_for_a_process() -> None:
    assert BROKER["depends_on"] == {"mongodb": {"condition": "service_healthy"}}
    check = MONGODB["healthcheck"]["test"]
    assert check[:2] == ["CMD", "mongosh"]
    assert "rs.initiate(" in check[-1]
    assert "isWritablePrimary ? 0 : 1" in check[-1]


def test_all_parts_mean_the_same_replica_set() -> None:
    command = MONGODB["command"]
    name = command[command.index("--replSet") + 1]
    initiated = re.search(
        r'_id: "(\w+)", members: \[\{ _id: 0, host: "([\w:]+)" \}\]', MONGODB["healthcheck"]["test"][-1]
    )
    assert initiated
    assert initiated.groups() == (name, "mongodb:27017")
    store = BROKER["environment"]["COLONIES_STORE"]
    assert store == f"mongodb://{initiated[2]}/colonies?replicaSet={name}"
    assert open_store(store).name == "mongodb"


def test_the_broker_is_given_only_what_it_knows_and_asks_for_its_owner() -> None:
    assert misspelt(BROKER["environment"]) == ""
    assert BROKER["environment"]["COLONIES_OWNER"].startswith("${COLONIES_OWNER:?")
    # A variable that only this file knows would stop every `colonies` command in the same shell.
    assert misspelt(re.findall(r"\$\{(\w+)", TEXT)) == ""


def test_stopping_leaves_the_broker_time_to_drain() -> None:
    assert int(BROKER["stop_grace_period"].removesuffix("s")) >= float(BROKER["environment"]["COLONIES_DRAIN"]) + 5


def test_only_this_machine_reaches_the_broker_and_nobody_the_store() -> None:
    image = last_stage(instructions((ROOT / "Dockerfile").read_text()))
    assert BROKER["ports"] == [f"127.0.0.1:8080:{image['EXPOSE'][0]}"]
    assert "ports" not in MONGODB


def test_what_must_last_lies_in_volumes_that_are_declared() -> None:
    mounted = {service: dict(v.split(":") for v in s["volumes"]) for service, s in COMPOSE["services"].items()}
    assert {volume for volumes in mounted.values() for volume in volumes} == COMPOSE["volumes"].keys()
    assert list(mounted["mongodb"].values()) == ["/data/db"]
    assert list(mounted["broker"].values()) == ["/data"]
    assert all(service["restart"] == "unless-stopped" for service in COMPOSE["services"].values())
