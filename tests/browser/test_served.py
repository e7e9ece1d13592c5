"""What the broker serves, in a browser: the SDK in pages of its own, of other origins, and without a secure context."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, make_colony
from tests.support.peer import peer

from .chromium import Troubles, launched

SUBMIT = """async ({ sdk, address, key }) => {
  const { Colonies } = await import(sdk);
  const client = new Colonies(address, { key });
  const outcome = { isSecureContext, hasSubtle: Boolean(crypto.subtle) };
  try {
    const process = await client.submit({ conditions: { executortype: "lamp" }, func: "set_lamp", args: ["on"] });
    Object.assign(outcome, { state: process.state, func: process.spec.func });
  } catch (error) {
    Object.assign(outcome, { error: error.message, client: client.state, trouble: client.trouble });
  }
  await client.close();
  return outcome;
}"""


async def submit(page: Page, address: str, keys: ColonyKeys) -> dict[str, Any]:
    given = {"sdk": f"{address}/sdk/colonies.js", "address": address, "key": keys.operator.private_key}
    outcome: dict[str, Any] = await page.evaluate(SUBMIT, given)
    return outcome


async def test_a_page_has_the_sdk_with_one_import(broker: Broker, keys: ColonyKeys, page: Page) -> None:
    await page.goto(f"{broker.address}/healthz")
    assert await page.evaluate("import('/sdk/colonies.js').then(({ Colonies }) => typeof Colonies)") == "function"
    outcome = await submit(page, broker.address, keys)
    assert (outcome["state"], outcome["func"]) == (0, "set_lamp")


@pytest.mark.parametrize("path", ["", "examples/", "examples/lamp/", "examples/lamp/switch.html", "examples/fractal/"])
async def test_a_page_needs_nothing_that_its_policy_forbids(broker: Broker, page: Page, path: str) -> None:
    response = await page.goto(f"{broker.address}/{path}")
    assert response
    assert response.status == 200
    assert await page.title()


async def test_what_somebody_smuggles_into_a_page_does_not_run_and_reaches_nobody(
    broker: Broker, page: Page, troubles: Troubles
) -> None:
    troubles.allow("Content Security Policy", "Failed to fetch")
    await page.goto(f"{broker.address}/examples/lamp/")
    outcome = await page.evaluate(
        """async (elsewhere) => {
          const stopped = [];
          const all = new Promise((done) =>
            addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
              if (stopped.push(effectiveDirective) === 3) done();
            }),
          );
          const script = document.createElement("script");
          script.textContent = "globalThis.ran = true";
          document.body.append(script);
          fetch(`http://${elsewhere}`).catch(() => {});
          try { new WebSocket(`ws://${elsewhere}`); } catch {}
          await all;
          return { ran: globalThis.ran ?? false, stopped };
        }""",
        "127.0.0.1:9",
    )
    assert outcome["ran"] is False
    assert sorted(outcome["stopped"]) == ["connect-src", "connect-src", "script-src-elem"]


async def test_a_page_of_another_origin_is_told_why_it_is_refused_and_works_where_it_is_allowed(
    tmp_path: Path, start_broker: Callable[..., Broker], page: Page
) -> None:
    elsewhere = start_broker(f"sqlite:{tmp_path / 'elsewhere.db'}").address
    await page.goto(f"{elsewhere}/healthz")
    strict = start_broker(f"sqlite:{tmp_path / 'strict.db'}")
    open_to = start_broker(f"sqlite:{tmp_path / 'open.db'}", "--allow-origin", elsewhere)
    outcomes = []
    for broker in (strict, open_to):
        async with peer(broker.address) as link:
            keys = await make_colony(link, broker.owner)
        outcomes.append(await submit(page, broker.address, keys))
    refused, taken = outcomes
    assert "state" not in refused
    assert refused["client"] == "closed"
    assert f"origin {elsewhere} is not allowed here; see --allow-origin" in refused["trouble"]
    assert "--allow-origin" in refused["error"]
    assert taken["state"] == 0


async def test_a_page_without_a_secure_context_signs_by_itself(
    broker: Broker, keys: ColonyKeys, troubles: Troubles
) -> None:
    async with launched("--host-resolver-rules=MAP lamp.test 127.0.0.1") as browser:
        page = await browser.new_page()
        troubles.watch(page)
        address = f"http://lamp.test:{broker.port}"
        await page.goto(f"{address}/healthz")
        outcome = await submit(page, address, keys)
    assert outcome == {"isSecureContext": False, "hasSubtle": False, "state": 0, "func": "set_lamp"}
