#!/usr/bin/env python3
"""Checks a report of `match evaluate` in headless Chromium: python3 Tests/browser/check_report.py report.html

Loading, sorting, filtering, the layout on a telephone, a tablet and a desk, dark and light, print, and the page
without JavaScript. Screenshots and the printed page go to the folder of --output. Ends with 1 where a check fails.
Needs Debian's packages chromium and chromium-driver.
"""

import argparse
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from webdriver import ENTER, Browser

PARTS = ["Recipe", "Figures", "Cumulative error", "Errors", "Best and worst pairs", "Failed pairs", "All pairs"]

# Values of a column of the first table of pairs in the order of the page, without hidden rows.
COLUMN = """
const rows = [...document.querySelector("table.pairs").tBodies[0].rows].filter((row) => !row.hidden);
return rows.map((row) => row.cells[arguments[0]].textContent);
"""
SORTED_BY = """
return [...document.querySelector("table.pairs").tHead.rows[0].cells].map((cell) => cell.ariaSort);
"""
# Text of charts that leaves its chart, is too small to read, or lies on other text.
BAD_CHART_TEXT = """
const bad = [];
for (const svg of document.querySelectorAll("svg:not(.swatch)")) {
  if (!svg.checkVisibility()) continue;
  const box = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
  const size = parseFloat(svg.getAttribute("font-size")) * box.width / svg.viewBox.baseVal.width;
  if (size < arguments[0]) bad.push("text of " + size.toFixed(1) + " px");
  texts.forEach(([name, a], index) => {
    if (a.left < box.left - 1 || a.right > box.right + 1 || a.top < box.top - 1 || a.bottom > box.bottom + 1)
      bad.push(name + " leaves the chart");
    for (const [other, b] of texts.slice(index + 1)) {
      const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (x > 1 && y > 3) bad.push(name + " lies on " + other);
    }
  });
}
return bad;
"""
# Smallest contrast (WCAG) of text to the page behind it, over all kinds of text.
CONTRAST = """
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const luminance = (color) => {
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
};
const behind = luminance(getComputedStyle(document.body).backgroundColor);
const contrast = (color) => {
  const own = luminance(color);
  return (Math.max(own, behind) + 0.05) / (Math.min(own, behind) + 0.05);
};
const all = [...document.querySelectorAll("p, td, th, dt, dd, small, figcaption, a")]
  .map((element) => contrast(getComputedStyle(element).color));
const charts = [...document.querySelectorAll("svg text")].map((element) => contrast(getComputedStyle(element).fill));
return [Math.min(...all, ...charts), behind];
"""


class Checks:
    """Prints each check and counts those that fail."""

    def __init__(self):
        self.failed = 0

    def __call__(self, what, passed, found=""):
        if not passed:
            self.failed += 1
        print(f"{'ok    ' if passed else 'FAILED'} {what}" + (f": {found}" if found != "" else ""), flush=True)


def key(text):
    """What a cell is sorted by; dashes have no place."""
    if text == "failed":
        return float("inf")
    try:
        return float(text)
    except ValueError:
        return text


def check_loading(browser, check):
    messages = browser.console()
    check("no message in the console", not messages, "; ".join(entry["message"] for entry in messages))
    loaded = browser.run("return performance.getEntriesByType('resource').map((entry) => entry.name.slice(0, 80))")
    loaded = [name for name in loaded if not name.startswith("data:")]
    check("nothing loaded besides the file", not loaded, ", ".join(loaded))
    broken = browser.run("return [...document.images].filter((image) => !image.naturalWidth).length")
    count = browser.run("return document.images.length")
    check("pictures of matches are shown", count > 0 and broken == 0, f"{count}, {broken} broken")
    for part in PARTS:
        found = browser.run(
            "return [...document.querySelectorAll('h3')].some((head) => head.textContent.startsWith(arguments[0])"
            " && head.nextElementSibling.getBoundingClientRect().height > 10)", part,
        )
        check(f"part '{part}' is there", found)
    # A curve that stays at 0 is a line still: each chart has as many as there are matchers.
    lines = browser.run(
        "return [...document.querySelectorAll('section')].map((section) => ["
        "new Set([...section.querySelectorAll('.pairs tbody tr')].map((row) => row.dataset.matcher)).size,"
        "[...section.querySelectorAll('svg.curves')].map((svg) => svg.querySelectorAll('polyline').length)])"
    )
    check("one line a matcher in each chart", all(set(found) == {count} for count, found in lines), lines)


def check_sorting(browser, check):
    names = browser.run("return [...document.querySelectorAll('table.pairs')[0].tHead.rows[0].cells]"
                        ".map((cell) => cell.innerText.replace(/\\s+/g, ' ').trim())")
    buttons = browser.find("table.pairs")[:1] and browser.find("section:first-of-type table.pairs th button")
    before = sorted(browser.run(COLUMN, 1))
    for column, button in enumerate(buttons):
        for direction, how in [("ascending", "click"), ("descending", "Enter")]:
            browser.click(button) if how == "click" else browser.type(button, ENTER)
            values = [key(text) for text in browser.run(COLUMN, column)]
            known = [value for value in values if value != "\u2013"]
            ordered = all(isinstance(value, float) for value in known)
            pairs = list(zip(known, known[1:]))
            if not ordered:  # Words: the order of the browser's own comparison.
                pairs = []
                ordered = browser.run(
                    "const compare = (a, b) => a.localeCompare(b, undefined, { numeric: true }) * arguments[1];"
                    "return arguments[0].every((value, i, all) => i === 0 || compare(all[i - 1], value) <= 0)",
                    known, 1 if direction == "ascending" else -1,
                )
            rising = all(a <= b if direction == "ascending" else a >= b for a, b in pairs)
            last = values == known + ["\u2013"] * (len(values) - len(known))
            states = browser.run(SORTED_BY)
            told = states[column] == direction and states.count("none") == len(states) - 1
            check(f"{how} on '{names[column]}' sorts {direction}", ordered and rising and last and told)
    check("sorting loses no row", sorted(browser.run(COLUMN, 1)) == before, f"{len(before)} rows")


def check_filters(browser, check):
    for select in ["matcher", "grade"]:
        options = browser.run(
            "const select = document.querySelector(`select[data-filter=${arguments[0]}]`);"
            "return select ? [...select.options].map((option) => option.value) : []", select,
        )
        if not options:
            print(f"       no filter by {select}: one value")
            continue
        counts = []
        for value in options[1:] + [""]:
            counts.append(browser.run(
                "const select = document.querySelector(`select[data-filter=${arguments[0]}]`);"
                "select.value = arguments[1]; select.dispatchEvent(new Event('change', { bubbles: true }));"
                "const table = document.querySelector('table.pairs');"
                "const rows = [...table.tBodies[0].rows];"
                "const shown = rows.filter((row) => row.checkVisibility());"
                "const right = shown.every((row) => !arguments[1] || row.dataset[arguments[0]] === arguments[1]);"
                "return [shown.length, right, document.getElementById(table.dataset.count).textContent]",
                select, value,
            ))
        told = all(text.startswith(f"{count} of ") for count, _, text in counts)
        adds_up = sum(entry[0] for entry in counts[:-1]) == counts[-1][0]
        right = all(entry[1] for entry in counts)
        check(f"filter by {select}", told and adds_up and right, ", ".join(str(entry[0]) for entry in counts))


def check_layout(browser, check, output):
    for width, scheme in [(360, "light"), (768, "light"), (1280, "light"), (1280, "dark"), (360, "dark")]:
        browser.media(scheme=scheme)
        browser.resize(width, scale=2 if width < 600 else 1)
        name = f"{width}-{scheme}"
        scroll, height = browser.run(
            "const page = document.documentElement; return [page.scrollWidth, page.scrollHeight]"
        )
        check(f"{name}: no sideways scrolling of the page", scroll <= width, f"{scroll} px wide, {height} px high")
        bad = browser.run(BAD_CHART_TEXT, 9)
        check(f"{name}: text in charts is legible", not bad, "; ".join(bad[:5]))
        contrast, behind = browser.run(CONTRAST)
        check(f"{name}: contrast of text at least 4.5", contrast >= 4.5, f"{contrast:.2f}")
        check(f"{name}: the page is {scheme}", (behind < 0.2) == (scheme == "dark"))
        png = browser.screenshot()
        size = struct.unpack(">II", png[16:24])
        scale = 2 if width < 600 else 1
        check(f"{name}: screenshot of the whole page", size == (width * scale, height * scale), f"{size[0]} x {size[1]}")
        (output / f"report-{name}.png").write_bytes(png)
    small = browser.run(
        "return [...document.querySelectorAll('button, select')].filter((element) => {"
        "const box = element.getBoundingClientRect(); return box.height < 24 || box.width < 24 }).length"
    )
    check("buttons are large enough for fingers", small == 0, f"{small} smaller than 24 px")


def check_print(browser, check, output):
    browser.resize(718)
    browser.media("print", "dark")
    _, behind = browser.run(CONTRAST)
    check("print is on white, also in the dark scheme", behind > 0.99)
    check("print has no filters", browser.run(
        "return [...document.querySelectorAll('.filters, nav')].every((element) => !element.checkVisibility())"))
    clipped = browser.run(
        "return [...document.querySelectorAll('table')].filter((table) => table.getBoundingClientRect().right"
        " > document.documentElement.clientWidth + 1).map((table) => table.className)"
    )
    check("tables fit the sheet", not clipped, ", ".join(clipped))
    pdf = browser.pdf()
    (output / "report.pdf").write_bytes(pdf)
    check("the page prints", pdf.startswith(b"%PDF"), f"{len(pdf) // 1024} KiB")
    browser.media()


def check_without_javascript(browser, check, url):
    browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(url)
    shown = browser._send("GET", f"{browser.session}/element/{browser.find('.filters')[0]}/displayed")
    rows = len(browser.find("table.pairs tbody tr"))
    check("without JavaScript: rows without filters", rows > 0 and not shown, f"{rows} rows")
    browser.devtools("Emulation.setScriptExecutionDisabled", value=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, help="folder for screenshots (default: beside the report)")
    arguments = parser.parse_args()
    output = arguments.output or arguments.report.parent
    output.mkdir(parents=True, exist_ok=True)
    check = Checks()
    with Browser() as browser:
        print(f"Chromium {browser.version}, {arguments.report.name}, {arguments.report.stat().st_size / 1e6:.2f} MB")
        url = arguments.report.resolve().as_uri()
        browser.resize(1280)
        browser.open(url)
        check_loading(browser, check)
        check_sorting(browser, check)
        check_filters(browser, check)
        browser.open(url)
        check_layout(browser, check, output)
        check_print(browser, check, output)
        messages = browser.console()
        check("no message in the console after all of this", not messages, messages or "")
        check_without_javascript(browser, check, url)
    print("all checks passed" if check.failed == 0 else f"{check.failed} checks FAILED")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
