"""The pages of the protocol say what the code says: every method, noun, error and code, and none that does not exist."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from broker.engine import activity
from broker.engine.authority import Need
from broker.handlers.registry import all_handlers
from colonies.wire import figures, frames, model, params
from colonies.wire.errors import TABLE, CloseCode
from colonies.wire.messages import METHODS, NOTIFICATIONS, Empty, Matched, Resolved, Subscribed
from colonies.wire.model import Noun, ServerNoun

ROOT = Path(__file__).parents[2]
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
NOUNS_PAGE = (ROOT / "docs" / "nouns.md").read_text()
NOUNS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (*vars(model).values(), *vars(figures).values(), Matched, Resolved, Subscribed)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in (msgspec.Struct, Noun, ServerNoun)
}
NEEDS = {
    Need.NOBODY: "nobody",
    Need.MEMBER: "member",
    Need.EXECUTOR: "approved executor",
    Need.SUBMITTER: "submitter",
    Need.OPERATOR: "operator",
    Need.COLONY_OWNER: "colony owner",
    Need.SERVER_OWNER: "server owner",
    Need.SERVER_OWNER_OR_MEMBER: "server owner, member",
}


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next of its rank or above."""
    match = re.search(rf"^(#+) {re.escape(heading)}$(.*?)(?=^#{{1,2}} |\Z)", page, re.DOTALL | re.MULTILINE)
    assert match, f"there is no heading {heading!r}"
    return match[2].split(f"\n{match[1]} ")[0]


def rows(text: str) -> dict[str, list[str]]:
    """The rows of all tables in the text: the first cell without its backticks → the other cells."""
    found = {}
    for line in text.splitlines():
        if re.match(r"\| (`|[0-9])", line):
            name, *cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert name.strip("`") not in found, f"{name} stands there twice"
            found[name.strip("`")] = cells
    return found


METHOD_ROWS = rows(section(PROTOCOL, "Methods"))


def result_in_words(kind: Any) -> str:
    if kind is Empty:
        return "{}"
    inner = getattr(kind, "__args__", None)
    return f"[{inner[0].__name__}]" if inner else str(kind.__name__)


def test_every_method_is_in_the_protocol_and_none_that_does_not_exist() -> None:
    assert METHOD_ROWS.keys() == METHODS.keys() == all_handlers().keys()


def test_no_page_speaks_of_a_method_that_does_not_exist() -> None:
    families = {name.split(".")[0] for name in METHODS if "." in name}
    spoken = re.findall(rf"`((?:{'|'.join(families)})\.[a-z_]+)`", PROTOCOL + NOUNS_PAGE)
    assert set(spoken) <= METHODS.keys()


@pytest.mark.parametrize("name", METHODS)
def test_the_row_of_a_method_says_what_the_code_says(name: str) -> None:
    params, result, need, repeat = METHOD_ROWS[name]
    method, handler = METHODS[name], all_handlers()[name]
    assert result == result_in_words(method.result)
    assert re.split(r"[;]", need)[0] == NEEDS[handler.need]
    assert repeat == ("yes" if method.repeat_safe else "no")
    fields = {field.encode_name: field for field in msgspec.structs.fields(method.params)}
    if not fields["colonyid"].required:
        del fields["colonyid"]
    said = set(re.findall(r"`([a-z]+)\??`", params))
    assert said == fields.keys()
    if name not in ("process.list", "executor.get"):  # these say it in words
        optional = set(re.findall(r"`([a-z]+)\?`", params))
        assert optional == {field for field in fields if not fields[field].required}


def test_every_error_is_in_the_protocol_with_its_advice() -> None:
    assert {code: cells[-1] for code, cells in rows(section(PROTOCOL, "Errors")).items()} == {
        code: "yes" if kind.retry else "no" for code, kind in TABLE.items()
    }


def test_every_close_code_is_in_the_protocol_under_its_name() -> None:
    listed = rows(section(PROTOCOL, "Close codes"))
    assert listed.keys() == {str(int(code)) for code in CloseCode}
    for code in CloseCode:
        assert listed[str(int(code))][0].startswith(code.name.lower().replace("_", " ")), code


def test_every_notification_is_in_the_protocol() -> None:
    assert tuple(rows(section(PROTOCOL, "Notifications"))) == NOTIFICATIONS


def test_every_noun_is_described_and_none_that_does_not_exist() -> None:
    described = re.findall(r"^### (\w+)$", NOUNS_PAGE, re.MULTILINE)
    kept_apart = {"State", "ExecutorState"}
    assert set(described) == NOUNS.keys() - kept_apart


@pytest.mark.parametrize("noun", NOUNS)
def test_every_field_of_a_noun_is_described_in_its_order(noun: str) -> None:
    fields = msgspec.structs.fields(NOUNS[noun])
    listed = rows(section(NOUNS_PAGE, noun))
    assert list(listed) == [field.encode_name for field in fields]
    if issubclass(NOUNS[noun], Noun):
        optional = {name for name, cells in listed.items() if cells[0].startswith("?")}
        assert optional == {field.encode_name for field in fields if not field.required}


def test_a_client_makes_what_is_strict_and_a_server_what_may_grow() -> None:
    made_by_clients = re.findall(r"^### (\w+)$", section(NOUNS_PAGE, "What a client makes"), re.MULTILINE)
    assert set(made_by_clients) == {name for name, kind in NOUNS.items() if issubclass(kind, Noun)}


@pytest.mark.parametrize(
    ("page", "number"),
    [
        (PROTOCOL, model.MAX_SPEC_BYTES),
        (PROTOCOL, model.MAX_OUT_BYTES),
        (PROTOCOL, model.MAX_ERRORS_BYTES),
        (PROTOCOL, model.MAX_ATTRIBUTES),
        (PROTOCOL, model.MAX_ATTRIBUTE_BYTES),
        (PROTOCOL, model.MAX_LOG_BYTES),
        (PROTOCOL, model.MAX_LOG_LINES),
        (PROTOCOL, model.MAX_NAMED_EXECUTORS),
        (PROTOCOL, model.KEPT_ATTEMPTS),
        (PROTOCOL, params.MAX_MATCHING),
        (PROTOCOL, activity.MAX_PUSHED),
        (PROTOCOL, activity.MAX_LABEL),
        (PROTOCOL, activity.MAX_ERROR),
        (PROTOCOL, frames.MAX_BATCH),
        (PROTOCOL, frames.MAX_DEPTH),
        (PROTOCOL, frames.MAX_DEPTH + 8),
        (PROTOCOL, frames.MAX_INFLIGHT),
    ],
)
def test_every_limit_is_in_the_protocol(page: str, number: int) -> None:
    assert re.search(rf"\b{number}\b", section(page, "Limits"))


def test_the_ranges_of_methods_and_fields_are_as_in_the_code() -> None:
    assert f"1 … {params.MAX_PAGE}, else {params.DEFAULT_PAGE}" in METHOD_ROWS["process.list"][0]
    assert f"0 … {params.MAX_ASSIGN_SECONDS} s" in METHOD_ROWS["process.assign"][0]
    assert f"{params.MIN_STATS_SECONDS} … 60 s, else 1" in METHOD_ROWS["stats.subscribe"][0]
    for action in ("retry", "cancel", "remove"):
        limit = f"1 … {params.MAX_MATCHING}, else {params.DEFAULT_MATCHING}"
        assert limit in METHOD_ROWS[f"process.{action}_matching"][0]
    assert f"−{model.MAX_PRIORITY} … {model.MAX_PRIORITY}" in rows(section(NOUNS_PAGE, "ProcessSpec"))["priority"][0]


def test_the_worked_example_is_the_vectors_byte_for_byte() -> None:
    listed = re.findall(r"^```\n([0-9a-f\s]+)```$", section(PROTOCOL, "A connection, byte for byte"), re.MULTILINE)
    shown = [re.sub(r"\s", "", block) for block in listed]
    answers = {vector["name"]: vector["frame"] for vector in vectors("messages", "frames")}
    (body,) = [vector["body"] for vector in vectors("bodies", "bodies") if vector["name"] == "server.info"]
    (asked,) = [vector for vector in vectors("envelopes", "envelopes") if vector["name"] == "server.info"]
    assert shown == [answers["hello"], body, asked["signed"], asked["frame"], answers["the answer to server.info"]]


def vectors(name: str, key: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads((ROOT / "tests" / "vectors" / f"{name}.json").read_text())[key]
    return listed


@pytest.mark.parametrize(
    "page",
    [
        "docs/protocol.md",
        "docs/nouns.md",
        "docs/operating.md",
        "tests/vectors/README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    ],
)
def test_every_link_leads_somewhere(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", path.read_text())
    for target, anchor in links:
        if target.startswith("https://"):
            continue
        file = path.parent / target if target else path
        assert file.exists(), target
        headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE) if anchor else []
        assert not anchor or anchor in {re.sub(r"[^\w-]", "", h.lower().replace(" ", "-")) for h in headings}
