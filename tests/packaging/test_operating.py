"""The operators' page says what is there: every alert, metric and setting, and none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import Metric

from broker.engine.inventory import MAX_COLONIES
from broker.environment import KNOWN, SERVER
from broker.settings import Settings

from .test_docs import rows, section

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operating.md").read_text()
RULES = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yml").read_text())["groups"][0]["rules"]
RUNBOOK = re.split(r"^### (\w+)$", section(PAGE, "Runbook"), flags=re.MULTILINE)[1:]
ENTRIES = dict(zip(RUNBOOK[::2], RUNBOOK[1::2], strict=True))


def test_every_alert_has_its_place_in_the_runbook_in_the_same_order() -> None:
    assert list(ENTRIES) == [rule["alert"] for rule in RULES]
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"docs/operating.md#{rule['alert'].lower()}"


@pytest.mark.parametrize("alert", ENTRIES)
def test_the_runbook_says_what_an_alert_means_and_what_to_do(alert: str) -> None:
    assert ENTRIES[alert].count("**It means**") == 1
    assert len(re.findall(r"\*\*(?:Do|do)\*\*", ENTRIES[alert])) == 1


def test_every_metric_is_described_with_its_labels_and_none_that_does_not_exist(families: list[Metric]) -> None:
    said = {}
    for family in families:
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = [label for sample in family.samples[:1] for label in sample.labels if label != "le"]
        said[name] = name + (f"{{{','.join(labels)}}}" if labels else "")
    own = {told for name, told in said.items() if name.startswith("colonies_") and not name.endswith("_created")}
    assert set(rows(section(PAGE, "Metrics"))) == {*own, "process_*"}
    assert any(name.startswith("process_") for name in said)


def test_every_setting_of_the_environment_exists() -> None:
    assert set(re.findall(r"\bCOLONIES_[A-Z_]+\b", PAGE)) <= set(KNOWN)


def test_every_setting_of_a_broker_is_said_and_none_that_does_not_exist() -> None:
    cells = [line.split("|")[1] for line in section(PAGE, "Ways to run it").splitlines() if line.startswith("| `--")]
    listed = re.findall(r"`(--[a-z-]+)`", " ".join(cells))
    assert sorted(listed) == sorted(f"--{name.removeprefix('COLONIES_').lower().replace('_', '-')}" for name in SERVER)


@pytest.mark.parametrize(
    "number",
    [
        f"{Settings().max_waiting_assigns:,}",
        f"{Settings().max_connections_per_identity} of one key",
        f"{Settings().max_keys:,} on one connection",
        f"{Settings().outbox_bytes >> 20} MiB",
        f"every {Settings().ping_seconds:.0f} s",
        f"after {Settings().look_seconds:.0f} s",
        f"{Settings().drain_seconds:.0f} s |",
        f"{MAX_COLONIES} colonies",
    ],
)
def test_every_limit_is_as_in_the_code(number: str) -> None:
    assert number in PAGE
