"""The page of a package in a real browser: on a phone, on a desk, with the keyboard, and by axe (WCAG 2.1 AA)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import axe_core_python
import pytest

from reports.index_page import index_html
from tests.golden import contents as given

pytestmark = [pytest.mark.slow]
#: Width and height in CSS pixels: a small phone (WCAG 1.4.10), a phone, a desk.
SCREENS = {"small phone": (320, 640), "phone": (360, 740), "desk": (1280, 900)}
CONTENTS = given.contents()
PAGES = {"Dutch": CONTENTS, "English": replace(CONTENTS, language="en"), "nothing": replace(CONTENTS, parts=())}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
        if os.environ.get("CI"):
            pytest.fail("chromium or chromedriver is not here (Debian: chromium, chromium-driver)")
        pytest.skip("left out: no chromium")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(word)
    options.binary_location = str(shutil.which("chromium"))
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


def shown(browser: Any, folder: Path, name: str, screen: str) -> Any:
    file = folder / "index.html"
    file.write_bytes(index_html(PAGES[name]))
    wide, high = SCREENS[screen]
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": wide, "height": high, "deviceScaleFactor": 1, "mobile": wide < 500},
    )
    browser.get(file.as_uri())
    return browser


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_to_mend(browser: Any, tmp_path: Path, name: str, screen: str) -> None:
    page = shown(browser, tmp_path, name, screen)
    page.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})  # the page itself forbids every script
    page.refresh()
    script = next(Path(axe_core_python.__file__).parent.glob("axe.min.js")).read_text("utf-8")
    page.execute_script(script)
    told = page.execute_async_script("axe.run(document).then(arguments[arguments.length - 1])")
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in told["violations"]] == []
    assert len(told["passes"]) > 10, "it looked"


@pytest.mark.parametrize("screen", SCREENS)
def test_the_page_never_scrolls_sideways(browser: Any, tmp_path: Path, screen: str) -> None:
    page = shown(browser, tmp_path, "Dutch", screen)
    wide = page.execute_script("return document.documentElement.scrollWidth")
    assert wide <= SCREENS[screen][0], "WCAG 1.4.10: no reading in two directions"


def test_the_keyboard_reaches_the_text_first_and_every_table_that_scrolls(browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    page = shown(browser, tmp_path, "Dutch", "phone")
    body = page.find_element("tag name", "body")
    body.send_keys(Keys.TAB)
    first = page.switch_to.active_element
    assert (first.get_attribute("href") or "").partition("#")[2], "the first stop skips to the text"
    unreachable = page.execute_script(
        "return [...document.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth + 1 &&"
        " ['auto','scroll'].includes(getComputedStyle(e).overflowX) && e.tabIndex < 0).length"
    )
    assert unreachable == 0


def test_nothing_comes_from_outside_and_nothing_runs(browser: Any, tmp_path: Path) -> None:
    page = shown(browser, tmp_path, "Dutch", "desk")
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert page.execute_script("return document.scripts.length") == 0
    assert "default-src 'none'" in index_html(PAGES["Dutch"]).decode()
    outside = page.execute_script(
        "return [...document.querySelectorAll('[src],link,iframe,object,embed,base')].length +"
        " [...document.querySelectorAll('a')].filter(a => !a.protocol.startsWith('file')).length"
    )
    assert outside == 0


def test_the_page_says_in_which_language_it_is_and_has_one_main_heading(browser: Any, tmp_path: Path) -> None:
    for name, tag in (("Dutch", "nl"), ("English", "en")):
        page = shown(browser, tmp_path, name, "desk")
        assert page.execute_script("return document.documentElement.lang") == tag
        assert page.execute_script("return document.querySelectorAll('h1').length") == 1
        levels = page.execute_script("return [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
        assert all(b - a <= 1 for a, b in pairwise(levels)), levels
