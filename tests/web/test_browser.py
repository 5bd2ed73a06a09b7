"""The pages of ``serve`` in a real browser: Chromium without a window.

With SCREENSHOTS naming a folder, a picture of every page is put there.
"""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.builders import row, take, write
from support.serving import TOKEN, Server, serving, write_token

pytestmark = pytest.mark.web

MARKUP = "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
LONG = "W" * 300
SIZES = {"narrow": (320, 780), "wide": (1280, 900)}
SCHEMES = ("light", "dark")
PAGES = {
    "home": "/",
    "answer": "/cards/get_card_status?card_id=CRD2",
    "several": "/cards/get_card_status?user_mobile=0585550102",
    "long": f"/cards/get_card_status?card_id={LONG[:90]}",
    "unknown": "/cards/get_card_status?card_id=crd2",
    "cards": "/-/cards",
    "attention": "/-/attention",
    "problems": "/-/problems",
    "files": "/-/files",
    "found": "/?q=CRD",
    "nothing": "/?q=CRD1x",
    "unreadable": "/cards/get_card_status?user_mobile=12",
}
CONTRAST = """
const parts = (c) => c.match(/[\\d.]+/g).map(Number);
const light = (c) => parts(c).slice(0, 3).map((v) => v / 255)
  .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const behind = (e) => {
  for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor;
    const [, , , a = 1] = parts(c);
    if (a === 1) return c;
  }
  return "rgb(255, 255, 255)";
};
return [...document.querySelectorAll("body *")]
  .filter((e) => e.checkVisibility())
  .filter((e) => [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim()))
  .map((e) => {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    return [e.textContent.trim().slice(0, 40), (a + 0.05) / (b + 0.05)];
  })
  .filter(([, ratio]) => ratio < 4.5);
"""
ROOM = "const e = document.documentElement; return e.scrollWidth - e.clientWidth;"
HEADINGS = "return [...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]))"
NAMELESS = "return [...document.querySelectorAll('input')].filter((i) => !i.labels.length).length"
ELSEWHERE = """
return performance.getEntriesByType("resource").map((e) => e.name)
  .filter((name) => !name.startsWith(location.origin) && !name.startsWith("data:"));
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("fastapi", reason="the extra `web` is not installed")
    folder = tmp_path_factory.mktemp("browsed")
    pickups = [
        row("CRD1"),
        row("CRD2", mobile="585550102", comment=MARKUP),
        row("CRD3", mobile="585550102", comment=LONG),
        row(LONG[:90], "13-11-2023 16:00"),
        row("CRD5", "tomorrow", comment=MARKUP),
    ]
    failed = [row("CRD2", "13-11-2023 18:00", mobile="585550102", comment="Nobody at home")]
    delivered = [row("CRD2", "2023-11-14T09:00:00Z", mobile="585550102", comment="DELIVERED")]
    take(folder / "cards.db", write(folder, "pickup.csv", *pickups))
    take(folder / "cards.db", write(folder, "exceptions.csv", *failed))
    take(folder / "cards.db", write(folder, "delivered.csv", *delivered))
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with serving(folder / "cards.db") as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    programs = shutil.which("chromium"), shutil.which("chromedriver")
    if None in programs:
        pytest.skip("chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for option in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "disable-gpu"):
        options.add_argument(f"--{option}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(programs[1]))
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium: Any) -> Any:
    """The browser, wide and light, as a test finds it."""
    look(chromium, "wide", "light")
    chromium.get("about:blank")
    chromium.get_log("browser")
    return chromium


def look(browser: Any, size: str, scheme: str) -> None:
    width, height = SIZES[size]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)


def go(browser: Any, server: Server, path: str) -> None:
    browser.get(server.url.rstrip("/") + path)


def picture(browser: Any, name: str) -> None:
    if target := os.environ.get("SCREENSHOTS"):
        Path(target).mkdir(parents=True, exist_ok=True)
        browser.save_screenshot(f"{target}/{name}.png")


def complaints(browser: Any, *expected: int) -> list[str]:
    """Return the lines of the console, but for answers with an expected status."""
    said = [entry["message"] for entry in browser.get_log("browser")]
    return [s for s in said if not any(f"status of {status} " in s for status in expected)]


def wait(browser: Any, css: str) -> Any:
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, 30).until(lambda b: b.find_elements("css selector", css))[0]


def text_of(browser: Any, css: str = "main") -> str:
    return str(browser.find_element("css selector", css).text)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("page", PAGES)
def test_pages_can_be_read(browser: Any, server: Server, page: str, size: str, scheme: str) -> None:
    look(browser, size, scheme)
    go(browser, server, PAGES[page])
    picture(browser, f"{page}-{size}-{scheme}")
    assert browser.execute_script(CONTRAST) == []
    assert browser.execute_script(ROOM) == 0
    assert browser.execute_script(NAMELESS) == 0
    headings = browser.execute_script(HEADINGS)
    assert headings.count(1) == 1 and headings[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(headings))
    assert complaints(browser, 404, 400) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(browser: Any, server: Server, page: str, scheme: str) -> None:
    if not (package := find_spec("axe_core_python")):
        pytest.skip("axe-core-python is not installed")
    look(browser, "wide", scheme)
    go(browser, server, PAGES[page])
    browser.execute_script((Path(str(package.origin)).parent / "axe.min.js").read_text("utf-8"))
    found = browser.execute_async_script("axe.run().then(arguments[0])")
    assert len(found["passes"]) > 10
    assert [(one["id"], node["html"]) for one in found["violations"] for node in one["nodes"]] == []


def test_arabic_comments_run_from_right_to_left(browser: Any, tmp_path: Path) -> None:
    comment = "العميل غير متواجد"
    take(tmp_path / "cards.db", write(tmp_path, "pickup.csv", row("CRD1", comment=comment)))
    with serving(tmp_path / "cards.db") as arabic:
        go(browser, arabic, "/?q=CRD1")
        script = """return [...document.querySelectorAll("td.comment, dd[dir]")]
          .filter((e) => e.textContent.trim()).map((e) => getComputedStyle(e).direction)"""
        assert browser.execute_script(script) == ["rtl", "rtl"]


def test_a_thousand_events_of_one_card(browser: Any, tmp_path: Path) -> None:
    times = [(day, hour) for day in range(1, 26) for hour in range(40)]
    rows = [
        row("CRD1", f"2023-11-{day:02}T{hour // 2:02}:{hour % 2 * 30:02}:00Z")
        for day, hour in times
    ]
    take(tmp_path / "cards.db", write(tmp_path, "exceptions.csv", *rows))
    with serving(tmp_path / "cards.db") as busy:
        go(browser, busy, "/?q=CRD1")
        assert "The last 200 events; 800 come before them" in text_of(browser)
        steps = browser.find_elements("css selector", ".journey li")
        assert len(steps) == 10
        assert steps[3].text == "640 more events"
        assert browser.execute_script(ROOM) == 0


def test_half_the_width_at_twice_the_size(browser: Any, server: Server) -> None:
    metrics = {"width": 640, "height": 450, "deviceScaleFactor": 2, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for page in PAGES.values():
        go(browser, server, page)
        assert browser.execute_script(ROOM) == 0


def test_the_tree_of_a_screen_reader(browser: Any, server: Server) -> None:
    go(browser, server, PAGES["answer"])
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    tree = {
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"]
    }
    assert {
        ("searchbox", "Card id, mobile, reference or word"),
        ("navigation", "Pages"),
        ("list", "Journey"),
        ("region", "History CRD2 Delivered"),
        ("article", "CRD2 Delivered"),
    } <= tree


def test_a_card_is_found_with_the_keyboard_alone(browser: Any, server: Server) -> None:
    from selenium.webdriver import ActionChains, Keys

    go(browser, server, "/")
    assert browser.switch_to.active_element.get_attribute("id") == "q"
    ActionChains(browser).send_keys("CRD2", Keys.ENTER).perform()
    wait(browser, "article")
    assert text_of(browser, "h2 .card") == "CRD2"
    assert text_of(browser, ".status") == "Delivered"
    assert "delivered.csv:2 says delivered" in text_of(browser, ".because")
    rows = browser.find_elements("css selector", "tbody tr")
    assert ["decides" in row.text for row in rows] == [False, False, True]
    assert browser.find_element("id", "q").get_attribute("value") == "CRD2"
    # The next question is typed over the last one.
    ActionChains(browser).send_keys("CRD1", Keys.ENTER).perform()
    wait(browser, "h2 a[href$=CRD1]")


def test_a_slash_leads_to_the_box(browser: Any, server: Server) -> None:
    from selenium.webdriver import ActionChains

    for page in ("cards", "attention", "problems", "files"):
        go(browser, server, PAGES[page])
        assert browser.switch_to.active_element.get_attribute("id") != "q"
        ActionChains(browser).send_keys("/").perform()
        assert browser.switch_to.active_element.get_attribute("id") == "q"
        ActionChains(browser).send_keys("/").perform()
        assert browser.find_element("id", "q").get_attribute("value") == "/"
    assert complaints(browser) == []


def test_a_mobile_is_found_in_the_form_it_is_written_in(browser: Any, server: Server) -> None:
    go(browser, server, "/")
    box = browser.find_element("id", "q")
    box.send_keys("+971 58 555 0102")
    box.submit()
    wait(browser, "article")
    assert text_of(browser, "h1") == "2 cards"
    assert [card.text for card in browser.find_elements("css selector", "h2 .card")] == [
        "CRD2", "CRD3",
    ]  # fmt: skip


def test_the_first_tab_leads_past_the_navigation(browser: Any, server: Server) -> None:
    from selenium.webdriver import ActionChains, Keys

    go(browser, server, PAGES["cards"])
    ActionChains(browser).send_keys(Keys.TAB).perform()
    assert browser.switch_to.active_element.text == "Skip to the answer"
    ActionChains(browser).send_keys(Keys.ENTER).perform()
    assert browser.switch_to.active_element.get_attribute("id") == "main"


@pytest.mark.parametrize(
    "path",
    [
        PAGES["answer"],
        PAGES["several"],
        PAGES["cards"],
        PAGES["problems"],
    ],
)
def test_markup_in_comments_is_text(browser: Any, server: Server, path: str) -> None:
    go(browser, server, path)
    assert "owned" not in browser.title
    if path != PAGES["cards"]:  # there the last comment is another
        assert "<script>document.title=" in text_of(browser, "body")
    assert browser.execute_script("return document.querySelectorAll('img').length") == 0
    assert complaints(browser) == []


@pytest.mark.parametrize("page", ["cards", "attention", "problems", "files"])
def test_lists_offer_no_csv(browser: Any, server: Server, page: str) -> None:
    go(browser, server, PAGES[page])
    assert complaints(browser) == []
    assert "CSV" not in text_of(browser, "body").replace("DELIVERED.CSV", "")


def test_a_card_of_a_list_is_opened(browser: Any, server: Server) -> None:
    go(browser, server, "/")
    browser.find_element("link text", "Cards").click()
    wait(browser, "nav.choice")
    browser.find_element("partial link text", "Delivered").click()
    wait(browser, ".choice [aria-current=true][href*=delivered]")
    browser.find_element("css selector", "tbody a.card").click()
    wait(browser, "article")
    assert text_of(browser, "h2 .card") == "CRD2"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_calls_can_be_tried_from_the_page(browser: Any, server: Server, scheme: str) -> None:
    look(browser, "wide", scheme)
    go(browser, server, "/-/api")
    wait(browser, "#operations-One_card-get_card_status button").click()
    block = "#operations-One_card-get_card_status"
    wait(browser, f"{block} .execute")
    wait(browser, f"{block} input").send_keys("CRD2")
    browser.find_element("css selector", f"{block} .execute").click()
    wait(browser, f"{block} .live-responses-table .response-col_status")
    answer = text_of(browser, f"{block} .live-responses-table")
    assert '"status": "delivered"' in answer
    browser.execute_script("window.scrollTo(0, 0)")
    picture(browser, f"api-{scheme}")
    assert browser.execute_script(ELSEWHERE) == []
    assert complaints(browser) == []


@pytest.mark.parametrize("size", SIZES)
def test_the_page_of_calls_fits(browser: Any, server: Server, size: str) -> None:
    look(browser, size, "light")
    go(browser, server, "/-/api")
    wait(browser, "#operations-One_card-get_card_status")
    picture(browser, f"api-{size}")
    assert browser.execute_script(ROOM) == 0


def test_a_browser_logs_in_with_the_token(browser: Any, folder: Path) -> None:
    with serving(folder / "cards.db", "--token-file", write_token(folder)) as guarded:
        go(browser, guarded, "/")
        assert "<form" not in browser.page_source
        where = urlsplit(guarded.url).netloc
        browser.get(f"http://anybody:{TOKEN}@{where}/")
        # From here on the browser gives the token by itself, for scripts and calls, too.
        go(browser, guarded, "/-/api")
        wait(browser, "#operations-One_card-get_card_status")
        go(browser, guarded, PAGES["answer"])
        assert text_of(browser, ".status") == "Delivered"
