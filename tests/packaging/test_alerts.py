"""Alerts and dashboard: every expression parses, and asks only for what a real broker says on `/metrics`.

`promtool test rules` tries the alerts on figures; what is tested here is that there is such a trial for each of them.
"""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import promql_parser
import pytest
import yaml

from broker.engine import announcer
from broker.settings import Settings
from colonies.wire.errors import TABLE

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text())["groups"][0]["rules"]
TRIALS: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "prometheus" / "rules.test.yml").read_text())["tests"]
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "colonies.json").read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
DRAWN = [panel for panel in PANELS if panel["type"] != "row"]

EXPRESSIONS = {
    **{rule["alert"]: rule["expr"] for rule in RULES},
    **{f"{panel['title']} {target['refId']}": target["expr"] for panel in DRAWN for target in panel["targets"]},
}
# Prometheus adds these when it scrapes.
SCRAPED = {"job", "instance"}


class Selected(NamedTuple):
    """One series that is asked for: its name, and what its labels must be."""

    name: str
    labels: dict[str, str]


def parsed(expression: str) -> promql_parser.Expr:
    return promql_parser.parse(expression.replace("$__rate_interval", "5m"))


def selected(expression: str) -> list[Selected]:
    found: list[Selected] = []

    def visit(part: promql_parser.Expr) -> bool:
        if isinstance(part, promql_parser.VectorSelector):
            matchers = part.matchers.matchers
            found.append(Selected(str(part.name), {matcher.name: matcher.value for matcher in matchers}))
        return True

    promql_parser.walk(parsed(expression), visit)
    return found


def grouped_by(expression: str) -> set[str]:
    return {
        label.strip() for labels in re.findall(r"\b(?:by|on) \(([^)]*)\)", expression) for label in labels.split(",")
    }


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_every_expression_parses_and_asks_for_what_a_broker_says(name: str, exposed: dict[str, set[str]]) -> None:
    series = selected(EXPRESSIONS[name])
    assert series
    assert {one.name for one in series} <= exposed.keys()
    for one in series:
        assert one.labels.keys() <= exposed[one.name] | SCRAPED
    said = set().union(*(exposed[one.name] for one in series))
    assert grouped_by(EXPRESSIONS[name]) <= said | SCRAPED


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_no_expression_waits_for_a_word_that_no_broker_says(name: str) -> None:
    words = {
        "outcome": {"ok", *TABLE},
        "event": {"requeued", *announcer._EVENTS.values()},
        "kind": {"run", "wait"},
        "state": {"waiting", "running"},
    }
    for label, value in itertools.chain.from_iterable(one.labels.items() for one in selected(EXPRESSIONS[name])):
        assert label == "job" or value in words[label]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_figures_of_the_whole_store_are_not_added_up_over_brokers(name: str) -> None:
    bare = re.sub(r"(deriv|max_over_time|min_over_time)\(", "(", EXPRESSIONS[name])
    uses = len(re.findall("colonies_stored_processes", bare))
    assert len(re.findall(r"max by \(colony\) \(+colonies_stored_processes", bare)) == uses


def test_a_typing_error_in_an_expression_would_be_seen(exposed: dict[str, set[str]]) -> None:
    with pytest.raises(ValueError, match="histogram_quantil"):
        parsed(EXPRESSIONS["ColoniesCommitsSlow"].replace("histogram_quantile", "histogram_quantil"))
    (wrong,) = selected(EXPRESSIONS["ColoniesLineNearLimit"].replace("assigns", "assign"))
    assert wrong.name not in exposed


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_happened_and_what_to_do_now(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    said = rule["annotations"]
    assert said.keys() == {"summary", "description", "runbook"}
    assert len(said["summary"]) > 10
    assert len(said["description"]) > 40
    # What a text mentions is left in the result, or it would be empty.
    mentioned = set(re.findall(r"\$labels\.(\w+)", said["summary"] + said["description"]))
    assert mentioned <= grouped_by(rule["expr"]) | (
        set() if re.search(r"\b(sum|max|min) ?\(", rule["expr"]) else SCRAPED
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_is_tried_on_figures_that_it_is_for_and_on_others(rule: dict[str, Any]) -> None:
    trials = [trial for test in TRIALS for trial in test["alert_rule_test"] if trial["alertname"] == rule["alert"]]
    assert {bool(trial["exp_alerts"]) for trial in trials} == {True, False}


def test_the_alert_on_the_line_knows_its_limit() -> None:
    (rule,) = [rule for rule in RULES if rule["alert"] == "ColoniesLineNearLimit"]
    limit = Settings().max_waiting_assigns
    assert rule["expr"].strip() == f"colonies_waiting_assigns > {limit * 8 // 10}"
    assert f"of {limit} that may" in rule["annotations"]["summary"]


def test_no_alert_is_there_twice() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


def test_the_dashboard_has_what_grafana_needs_to_import_it() -> None:
    assert {"uid", "title", "schemaVersion", "panels", "templating", "time"} <= DASHBOARD.keys()
    assert "id" not in DASHBOARD, "an id is of one Grafana; it gives its own"
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


@pytest.mark.parametrize("panel", DRAWN, ids=lambda panel: panel["title"])
def test_a_panel_asks_the_chosen_prometheus_and_says_what_it_shows(panel: dict[str, Any]) -> None:
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    source = {"type": "prometheus", "uid": "${datasource}"}
    assert variables["datasource"]["type"] == "datasource"
    assert [panel["datasource"], *(target["datasource"] for target in panel["targets"])] == [source] * (
        1 + len(panel["targets"])
    )
    assert panel["description"]
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
    used = set(re.findall(r"\$(?!__)(\w+)", " ".join(target["expr"] for target in panel["targets"])))
    assert used <= variables.keys()


def test_no_panel_lies_on_another_or_beyond_the_page() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        cells = set(
            itertools.product(range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"]))
        )
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_prometheus_asks_each_broker_of_the_compose_file_and_not_the_balancer() -> None:
    compose = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text())["services"]
    (scraped,) = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    (targets,) = [config["targets"] for config in scraped["static_configs"]]
    assert targets == [f"{name}:8080" for name in compose if name.startswith("broker")]
