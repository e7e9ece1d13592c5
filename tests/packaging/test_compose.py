"""The compose file: valid by the compose specification, and its parts fit each other, the balancer and the broker.

No engine runs it here; `tests/server/test_balancer.py` runs the balancer that it names.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from broker.environment import misspelt
from broker.settings import Settings
from broker.store.open import open_store

from .dockerfile import instructions, last_stage

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
MEMBERS = [name for name in SERVICES if name.startswith("mongodb")]
BROKERS = [name for name in SERVICES if name.startswith("broker")]
BALANCER = SERVICES["balancer"]
HAPROXY = (ROOT / "deploy" / "haproxy" / "haproxy.cfg").read_text()


def merged(text: str) -> str:
    """With its anchors resolved, as an engine does; the library that knows the specification does not."""
    return yaml.safe_dump(yaml.safe_load(text))


def seconds(value: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)", value).groups()  # type: ignore[union-attr]
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]


def timeout(name: str) -> float:
    (value,) = re.findall(rf"^ +timeout {name} (\w+)$", HAPROXY, re.MULTILINE)
    return seconds(value)


def test_the_file_is_valid_by_the_compose_specification() -> None:
    services = PyCompose.from_yaml(merged(TEXT)).to_dict()["services"]
    assert set(services) == {"balancer", *BROKERS, *MEMBERS}
    assert (len(BROKERS), len(MEMBERS)) == (2, 3)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("healthcheck:", "healthchek:"), ("retries: 12", "retires: 12"), ("service_healthy", "healthy")],
)
def test_the_specification_would_have_seen_a_typing_error(right: str, wrong: str) -> None:
    assert right in TEXT
    with pytest.raises(ValueError, match=wrong.rstrip(":").split(":")[0]):
        PyCompose.from_yaml(merged(TEXT.replace(right, wrong)))


def test_the_brokers_wait_for_a_primary_and_not_only_for_a_process() -> None:
    for name in BROKERS:
        assert SERVICES[name]["depends_on"] == {"mongodb-1": {"condition": "service_healthy"}}
    for name in MEMBERS:
        check = SERVICES[name]["healthcheck"]["test"]
        assert check[:2] == ["CMD", "mongosh"]
        assert "quit((me.isWritablePrimary || me.secondary) && me.primary ? 0 : 1)" in check[-1]


def test_one_member_alone_begins_the_replica_set() -> None:
    beginning = [name for name in MEMBERS if "rs.initiate(" in SERVICES[name]["healthcheck"]["test"][-1]]
    assert beginning == ["mongodb-1"]


def test_all_parts_mean_the_same_replica_set_of_the_same_three_hosts() -> None:
    hosts = [f"{name}:27017" for name in MEMBERS]
    initiation = SERVICES["mongodb-1"]["healthcheck"]["test"][-1]
    assert re.findall(r'_id: (\d), host: "([\w:-]+)"', initiation) == [(str(i), host) for i, host in enumerate(hosts)]
    names = {SERVICES[name]["command"][SERVICES[name]["command"].index("--replSet") + 1] for name in MEMBERS}
    assert names == set(re.findall(r'_id: "(\w+)"', initiation)) == {"colonies"}
    for broker in BROKERS:
        store = SERVICES[broker]["environment"]["COLONIES_STORE"]
        assert store == f"mongodb://{','.join(hosts)}/colonies?replicaSet=colonies"
        assert open_store(store).name == "mongodb"


def test_a_broker_is_given_only_what_it_knows_and_asks_for_its_owner() -> None:
    for name in BROKERS:
        assert misspelt(SERVICES[name]["environment"]) == ""
        assert SERVICES[name]["environment"]["COLONIES_OWNER"].startswith("${COLONIES_OWNER:?")
    # A variable that only this file knows would stop every `colonies` command in the same shell.
    assert misspelt(re.findall(r"\$\{(\w+)", TEXT)) == ""


def test_stopping_leaves_a_broker_time_to_drain() -> None:
    for name in BROKERS:
        drain = float(SERVICES[name]["environment"]["COLONIES_DRAIN"])
        assert seconds(SERVICES[name]["stop_grace_period"]) >= drain + 5


def test_only_this_machine_reaches_the_balancer_and_nobody_what_is_behind_it() -> None:
    (bind,) = re.findall(r"^ +bind :(\d+)$", HAPROXY, re.MULTILINE)
    assert BALANCER["ports"] == [f"127.0.0.1:8080:{bind}"]
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["balancer"]


def test_what_must_last_lies_in_volumes_that_are_declared_and_a_broker_keeps_nothing() -> None:
    mounted = {name: dict(v.split(":") for v in SERVICES[name]["volumes"]) for name in MEMBERS}
    assert mounted == {name: {name: "/data/db"} for name in MEMBERS}
    assert list(COMPOSE["volumes"]) == MEMBERS
    for name in BROKERS:
        assert "volumes" not in SERVICES[name]
        assert SERVICES[name]["read_only"] is True
    assert all(service["restart"] == "unless-stopped" for service in SERVICES.values())


def test_the_balancer_is_given_the_configuration_that_is_tested() -> None:
    (mounted,) = BALANCER["volumes"]
    source, target, mode = mounted.split(":")
    assert (ROOT / source).read_text() == HAPROXY
    assert (target, mode) == ("/usr/local/etc/haproxy/haproxy.cfg", "ro")


def test_the_balancer_knows_every_broker_by_its_name_and_port() -> None:
    port = last_stage(instructions((ROOT / "Dockerfile").read_text()))["EXPOSE"][0]
    servers = re.findall(r"^ +server (\S+) (\S+)$", HAPROXY, re.MULTILINE)
    assert servers == [(name, f"{name}:{port}") for name in BROKERS]
    assert set(BALANCER["depends_on"]) == set(BROKERS)


def test_the_balancer_asks_whether_a_broker_is_ready_and_leaves_the_sockets_of_one_that_drains() -> None:
    assert "http-check send meth GET uri /readyz" in HAPROXY
    settings = [line for line in HAPROXY.splitlines() if not line.lstrip().startswith("#")]
    assert "shutdown-sessions" not in "\n".join(settings)
    assert timeout("check") > 2  # what /readyz may take while the store is away


def test_the_balancer_cuts_no_socket_that_the_broker_still_pings() -> None:
    # One ping, and the time that its answer has.
    assert timeout("tunnel") > 2 * Settings().ping_seconds


def test_the_balancer_may_open_as_many_files_as_it_says() -> None:
    """It does not start otherwise: two sockets for each connection, and some for itself."""
    (most,) = re.findall(r"^ +maxconn (\d+)$", HAPROXY, re.MULTILINE)
    assert 2 * int(most) + 100 <= BALANCER["ulimits"]["nofile"]
