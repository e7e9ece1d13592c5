"""A report as tables and as a drawing."""

from __future__ import annotations

from xml.etree import ElementTree

import msgspec
import pytest

from broker.bench.plot import WIDTH, drawing
from broker.bench.promises import with_promises
from broker.bench.tables import print_report

from . import reports

SVG = "{http://www.w3.org/2000/svg}"


def test_everything_that_was_measured_has_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(with_promises(reports.whole()))
    said = capsys.readouterr().out
    titles = (
        "submit → assign → close",
        "one producer",
        "latency",
        "fan-out",
        "idle",
        "one assign",
        "limits",
        "promises",
    )
    assert [title for title in titles if title not in said] == []
    assert "16,000 Ed25519" in said
    assert "400,000 rounds of plain Python" in said
    assert "<Made & up>" in said


def test_a_latency_stands_beside_a_commit_alone(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(reports.report(latency=reports.latency(1.0)))
    assert "a durable commit alone 0.80" in " ".join(capsys.readouterr().out.split())


def test_what_never_came_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(reports.report(latency=reports.latency(None)))
    assert "never" in capsys.readouterr().out


def test_everything_that_was_measured_is_drawn_inside_the_drawing() -> None:
    root = ElementTree.fromstring(drawing(reports.whole()))
    height = float(root.attrib["height"])
    bars = root.findall(f"{SVG}rect")
    assert len(bars) == 1 + 1 + 9 + 3 + 2 + 2 + 3
    for bar in bars:
        assert float(bar.attrib["x"]) + float(bar.attrib["width"]) <= WIDTH
        assert float(bar.attrib["y"]) + float(bar.attrib["height"]) <= height
    words = [text.text or "" for text in root.findall(f"{SVG}text")]
    assert any("<Made & up>" in word for word in words)


def test_what_is_compared_with_has_another_colour_than_the_broker() -> None:
    root = ElementTree.fromstring(drawing(reports.report(fanout=reports.fanout(1.0))))
    assert [bar.attrib["class"] for bar in root.findall(f"{SVG}rect")] == ["own", "other", "other"]


def test_a_report_of_nothing_is_a_drawing_of_the_machine() -> None:
    root = ElementTree.fromstring(drawing(reports.report()))
    assert root.findall(f"{SVG}rect") == []
    assert root.findall(f"{SVG}text")


def test_a_load_that_was_measured_instead_of_the_broker_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    bound = msgspec.structs.replace(reports.SPENT, busiest_load=0.95, is_load_bound=True)
    print_report(reports.report(submit=reports.submit(0.5), lifecycle=[reports.lifecycle(0.2)]))
    assert "a program of the load" not in capsys.readouterr().out
    run = msgspec.structs.replace(reports.lifecycle(0.2), spent=bound)
    print_report(reports.report(submit=reports.submit(0.5), lifecycle=[run]))
    assert "lifecycle 32/32: a program of the load used 0.95 of a core" in capsys.readouterr().out
