"""Takes the pictures of the pages of ``serve``: ``serve-answer.png``, ``serve-narrow.png`` and
``serve-api.png``.

    python docs/images/web.py

Needs the extras ``web`` and ``web-test``, chromium and chromedriver; without these two it says so
and leaves the pictures as they are.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cardstatus.ingestion.ingest import ingest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = "/cardstatus/get_card_status"
INGESTED = int(datetime(2024, 3, 12, 18, tzinfo=UTC).timestamp()) * 10**9
CALL = "#operations-One_card-get_card_status"


@contextmanager
def serving() -> Iterator[str]:
    """Serve sample_data for the length of the block, and give the address."""
    os.chdir(ROOT)  # the names of the files are shown as they are given
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "cardstatus.db"
        ingest([Path("sample_data")], database, now=lambda: INGESTED)
        command = [sys.executable, "-m", "cardstatus", "serve", "--db", str(database)]
        with subprocess.Popen(
            [*command, "--port", "0"], stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            try:
                yield server.stdout.readline().strip().rstrip("/")
            finally:
                server.terminate()


@contextmanager
def browsing(chromium: str | None, chromedriver: str | None) -> Iterator[Any]:
    """Give a browser without a window for the length of the block."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for option in (
        "headless=new",
        "no-sandbox",
        "disable-dev-shm-usage",
        "disable-gpu",
        "hide-scrollbars",
    ):
        options.add_argument(f"--{option}")
    browser = webdriver.Chrome(options, webdriver.ChromeService(chromedriver))
    try:
        yield browser
    finally:
        browser.quit()


def show(browser: Any, address: str, width: int, height: int, scheme: str = "light") -> None:
    """Open a page in a window of some size; ``scheme`` is ``light`` or ``dark``."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    scheme_feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme_feature]})
    browser.get(address)


def try_a_call(browser: Any) -> None:
    """Have the page of the endpoints call the first of them, and scroll to it."""
    from selenium.webdriver.support.ui import WebDriverWait

    def wait_for(part: str) -> Any:
        found = lambda driver: driver.find_elements("css selector", f"{CALL} {part}")  # noqa: E731
        return WebDriverWait(browser, 30).until(found)[0]

    wait_for("button").click()
    wait_for("input").send_keys("CRD1037")
    wait_for(".execute").click()
    wait_for(".live-responses-table .response-col_status")
    browser.execute_script(f"document.querySelector('{CALL}').scrollIntoView()")


def take_pictures(browser: Any, address: str) -> None:
    """Take all of them."""
    show(browser, f"{address}{PAGE}?card_id=CRD1043", 1180, 830)
    browser.save_screenshot(str(HERE / "serve-answer.png"))
    show(browser, f"{address}{PAGE}?user_mobile=0585550139", 390, 800, "dark")
    browser.save_screenshot(str(HERE / "serve-narrow.png"))
    show(browser, f"{address}/-/api", 1000, 1000)
    try_a_call(browser)
    browser.save_screenshot(str(HERE / "serve-api.png"))


if __name__ == "__main__":
    programs = shutil.which("chromium"), shutil.which("chromedriver")
    if None in programs:
        sys.stderr.write(
            "no chromium and chromedriver: the pictures of the pages stay as they are\n"
        )
    else:
        with serving() as address, browsing(*programs) as browser:
            take_pictures(browser, address)
