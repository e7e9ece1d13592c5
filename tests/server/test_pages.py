"""What browsers are given over HTTP, and what they are not."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from broker.engine.node import Node
from broker.server.app import Door
from broker.server.pages import CHECKOUT, Folder, routes
from broker.settings import Settings
from broker.store.open import open_store
from tests.support.broker import Broker

LAMP = "/examples/lamp/"


def ask(broker: Broker, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    """Ask for a path as it stands, which clients that know better would tidy up."""
    connection = HTTPConnection("127.0.0.1", broker.port, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "file", "kind"),
    [
        ("/sdk/colonies.js", "sdk_js/dist/colonies.js", "text/javascript; charset=utf-8"),
        ("/sdk/LICENSES.txt", "sdk_js/dist/LICENSES.txt", "text/plain; charset=utf-8"),
        (LAMP, "examples/lamp/index.html", "text/html; charset=utf-8"),
        ("/", "web_dashboard/index.html", "text/html; charset=utf-8"),
        ("/src/main.js", "web_dashboard/src/main.js", "text/javascript; charset=utf-8"),
        ("/vendor/ui.js", "web_dashboard/vendor/ui.js", "text/javascript; charset=utf-8"),
        ("/css/base.css", "web_dashboard/css/base.css", "text/css; charset=utf-8"),
        ("/icon.svg", "web_dashboard/icon.svg", "image/svg+xml"),
        ("/examples/lamp/lamp.js", "examples/lamp/lamp.js", "text/javascript; charset=utf-8"),
        ("/examples/pages/base.css", "examples/pages/base.css", "text/css; charset=utf-8"),
        ("/examples/pages/icon.svg", "examples/pages/icon.svg", "image/svg+xml"),
    ],
)
def test_a_page_and_its_parts_come_with_their_type_and_no_other_is_guessed(
    broker: Broker, path: str, file: str, kind: str
) -> None:
    response, body = ask(broker, path)
    assert (response.status, response.headers["Content-Type"]) == (200, kind)
    assert body == (CHECKOUT / file).read_bytes()
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_browser_asks_each_time_and_is_sent_nothing_twice(broker: Broker) -> None:
    first, _ = ask(broker, "/sdk/colonies.js")
    assert first.headers["Cache-Control"] == "no-cache"
    again, body = ask(broker, "/sdk/colonies.js", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, body) == (304, b"")
    other, body = ask(broker, "/sdk/colonies.js", **{"If-None-Match": '"another"'})
    assert other.status == 200
    assert body


def test_any_page_may_load_the_sdk_and_none_the_examples(broker: Broker) -> None:
    sdk, _ = ask(broker, "/sdk/colonies.js", Origin="http://elsewhere.test")
    assert sdk.headers["Access-Control-Allow-Origin"] == "*"
    example, _ = ask(broker, "/examples/lamp/lamp.js", Origin="http://elsewhere.test")
    assert "Access-Control-Allow-Origin" not in example.headers


@pytest.mark.parametrize(
    "path", ["/", "/src/main.js", LAMP, "/examples/lamp/switch.html", "/examples/fractal/tiles.js"]
)
def test_a_page_and_its_threads_run_and_reach_nothing_from_elsewhere(broker: Broker, path: str) -> None:
    response, _ = ask(broker, path)
    policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert not any("unsafe" in sources for sources in policy.values())
    assert response.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        "/sdk/",  # a folder without a page is not listed
        "/examples/pages/",
        "/examples/worker.py",  # no part of a web page
        "/examples/sleep.json",
        "/sdk/../package.json",
        "/sdk/../src/index.js",
        "/sdk/%2e%2e/src/index.js",
        "/sdk/..%2fsrc%2findex.js",
        "/sdk/..\\src\\index.js",
        "/sdk//etc/hostname.txt",
        "/sdk/%2fetc/passwd",
        "/examples/../sdk_js/src/index.js",
        "/examples/lamp/%00.js",
        "/build/vendor.js",  # of the dashboard, but for nobody's browser
        "/test/state.test.js",
        "/src/../build/vendor.js",
        "/css/%2e%2e/package.json",
        "/vendor/ui.d.ts",
        "/README.md",
        "/css/",
        "/examples/" + "a" * 5000 + ".js",
    ],
)
def test_nothing_else_is_there(broker: Broker, path: str) -> None:
    response, body = ask(broker, path)
    assert (response.status, body) == (404, b"Not Found")


def test_pages_are_read_and_not_written(broker: Broker) -> None:
    assert ask(broker, LAMP, "POST")[0].status == 405
    head, body = ask(broker, LAMP, "HEAD")
    assert (head.status, body) == (200, b"")


@pytest.mark.parametrize("path", ["/examples/lamp", "/examples/fractal"])
def test_an_address_without_its_slash_leads_to_the_page(broker: Broker, path: str) -> None:
    response, _ = ask(broker, path)
    assert response.status == 307
    assert response.headers["Location"] == f"{broker.address}{path}/"


def test_a_browser_that_asks_for_an_icon_by_itself_is_told_that_there_is_none(broker: Broker) -> None:
    assert ask(broker, "/favicon.ico")[0].status == 204


def test_what_machines_ask_is_not_hidden_by_the_dashboard(broker: Broker) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert ask(broker, path)[0].status == 200


async def test_a_broker_without_pages_says_in_words_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.server.pages.CHECKOUT", tmp_path)
    app = Door(Node(open_store(f"sqlite:{tmp_path / 'broker.db'}"), Settings())).app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        told = await client.get("/")
    assert told.status_code == 200
    assert "/ws" in told.text


async def test_a_link_does_not_lead_out_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "served").mkdir()
    (tmp_path / "kept.js").write_text("kept")
    (tmp_path / "served" / "link.js").symlink_to(tmp_path / "kept.js")
    app = Starlette(routes=[Mount("/here", Folder(tmp_path / "served", {}))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        assert (await client.get("/here/link.js")).status_code == 404


async def test_a_file_that_changed_is_sent_as_it_is_now(tmp_path: Path) -> None:
    """A checkout is worked on while a broker serves it."""
    file = tmp_path / "page.js"
    file.write_text("before")
    app = Starlette(routes=[Mount("/here", Folder(tmp_path, {}))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        assert (await client.get("/here/page.js")).text == "before"
        assert (await client.get("/here/page.js")).text == "before"
        file.write_text("and afterwards")
        again = await client.get("/here/page.js")
    assert again.text == "and afterwards"
    assert again.headers["Content-Length"] == str(len(again.text))


def test_a_folder_that_is_not_there_stops_no_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(routes()) == 3
    monkeypatch.setattr("broker.server.pages.CHECKOUT", tmp_path)
    assert routes() == []
