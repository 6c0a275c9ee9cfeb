"""The page in a real browser: a whole game by keyboard, the truth, and back again."""

import os
import re
import shutil
import threading

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="the extra browser is not installed")
server = pytest.importorskip("metaenv_experiments.play.server", reason="the extra play is not installed")


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LINK = "v=1&disease=prostate&patient=200003&seed=0"
PATIENCE = 30_000  # milliseconds

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed, such as Debian's package chromium")


@pytest.fixture
def address(monkeypatch):
    """Of a server in a thread of its own."""
    import uvicorn

    servers, ready, said = [], threading.Event(), []
    made = uvicorn.Server.__init__
    monkeypatch.setattr(uvicorn.Server, "__init__", lambda self, config: (servers.append(self), made(self, config))[1])
    thread = threading.Thread(
        target=server.serve, args=(0, lambda at: (said.append(at), ready.set()), LINK), daemon=True
    )
    thread.start()
    assert ready.wait(30)
    yield said[0]
    servers[0].should_exit = True
    thread.join(30)


@pytest.fixture
def page(address):
    """The page at a narrow phone's size; whatever goes wrong on it is an error here."""
    wrong = []
    with sync_api.sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: request.url.startswith(address.split("#")[0]) or wrong.append(request.url))
        page.goto(address)
        yield page
        browser.close()
    assert wrong == []


def choices(page, pattern):
    """Wait until the link in the address holds such choices."""
    sync_api.expect(page).to_have_url(re.compile(rf"&choices={pattern}$"), timeout=PATIENCE)


def test_a_whole_game_by_keyboard_the_truth_and_undo(page):
    page.wait_for_selector("#treat")
    for key in "11v":  # abiraterone: half, then full; until the next visit
        page.keyboard.press(key)
    choices(page, "20")
    for key in "2rs":  # docetaxel: half; but the last is repeated, and stays chosen until the next scan
        page.keyboard.press(key)
    choices(page, "20x3")
    page.keyboard.press("a")
    page.wait_for_selector("#advice dd")
    assert page.locator("#advice dt").count() == 4
    assert page.evaluate("document.documentElement.scrollWidth") == 390  # nothing sticks out
    assert page.locator("#truth").is_hidden()

    page.keyboard.press("p")  # the agent plays on to the end
    page.wait_for_selector("#outcome")
    assert page.locator("#treat").is_disabled()
    whole = page.evaluate("location.hash")

    page.keyboard.press("t")
    page.wait_for_selector("#sentence")
    assert "quality-adjusted years under you" in page.inner_text("#sentence")
    assert page.locator("#truth tbody tr").count() == 5
    page.locator("#truth input[value='4']").check()
    page.wait_for_selector("text=Under prostate/ppo")

    page.keyboard.press("u")
    page.wait_for_selector("#outcome", state="detached")
    assert page.locator("#truth").is_hidden() and page.evaluate("location.hash") != whole
    page.keyboard.press("p")  # the same choice again, so the same course
    page.wait_for_selector("#outcome")
    assert page.evaluate("location.hash") == whole

    page.keyboard.press("n")
    page.wait_for_selector("#begin:focus")
    page.fill("#link", whole)
    page.keyboard.press("Enter")
    page.wait_for_selector("#outcome")
    assert page.evaluate("location.hash") == whole
    unnamed = (
        "[...document.querySelectorAll('svg[role=img]')].filter((each) => !each.getAttribute('aria-label')).length"
    )
    assert page.evaluate(unnamed) == 0
