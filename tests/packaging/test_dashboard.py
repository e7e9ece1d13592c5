"""The dashboard's page: it names every part of itself, so that a browser fetches all at once, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

DASHBOARD = Path(__file__).parents[2] / "web_dashboard"
PAGE = (DASHBOARD / "index.html").read_text()


def test_every_module_is_fetched_ahead_and_once() -> None:
    named = re.findall(r'<link rel="modulepreload" href="/(.*)">', PAGE)
    modules = [str(path.relative_to(DASHBOARD)) for path in (DASHBOARD / "src").rglob("*.js")]
    start = re.findall(r'<script type="module" src="/(.*)">', PAGE)
    expected = [*modules, "sdk/colonies.js", "vendor/ui.js", "vendor/uplot.js"]
    assert sorted([*named, *start]) == sorted(expected)
    assert start == ["src/main.js"]


def test_every_style_sheet_is_named_and_there() -> None:
    named = re.findall(r'<link rel="stylesheet" href="/(.*)">', PAGE)
    sheets = [str(path.relative_to(DASHBOARD)) for path in (DASHBOARD / "css").rglob("*.css")]
    assert sorted(named) == sorted([*sheets, "vendor/uplot.css"])


def test_nothing_in_it_needs_what_the_policy_forbids() -> None:
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)|https?://", PAGE)


def test_one_file_alone_talks_to_the_sdk() -> None:
    """`live.js`, with what it is made of; and `key.js`, which only handles keys."""
    speak = [
        str(path.relative_to(DASHBOARD / "src"))
        for path in (DASHBOARD / "src").rglob("*.js")
        if re.search(r'^import .* from "/sdk/', path.read_text(), re.MULTILINE)
    ]
    assert sorted(speak) == ["key.js", "live.js"]
