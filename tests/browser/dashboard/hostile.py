"""What people and programs call things when nobody stops them."""

from __future__ import annotations

from playwright.async_api import Page, expect

MARKUP = "<img src=x onerror='globalThis.ran = true'><script>globalThis.ran = true</script>"
BACKWARDS = "\u202egnp.exe\u2066\u200b"
EMOJI = "👩‍👩‍👧‍👦 🏳️‍🌈 zalgo z\u0351\u036b\u0343\u0358"
LONG = "x" * 100_000
UNBROKEN = "https://example.org/" + "a" * 400


async def expect_unharmed(page: Page) -> None:
    """Nothing ran, nothing became an element, and the page is no wider than its window."""
    assert await page.evaluate("globalThis.ran ?? false") is False
    await expect(page.locator("main img, main script")).to_have_count(0)
    width = await page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], width
