"""Check the map in a real browser: gestures, lost context, fallback, leaks, resizing; and take its pictures.

Usage: python dev/check_scatter.py OUT. Stops with an AssertionError at the first thing that does not hold.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from measure_scatter import FLAGS, HERE, lasso, serve

SETTLED = "window.shoalMap.scatter.settled()"
ADD_POINTS = """async () => {
  const { scatter, codes, x, y } = window.shoalMap;
  scatter.setCodes(codes); scatter.setPoints(x, y); await scatter.settled();
}"""
INK = """async () => {
  await window.shoalMap.scatter.settled();
  // A canvas keeps its picture only for the frame it is drawn in: copy it as the next frame is put together.
  const { scatter } = window.shoalMap;
  const from = document.querySelector('.shoal-scatter canvas');
  const to = document.createElement('canvas'); to.width = from.width; to.height = from.height;
  const g = to.getContext('2d');
  scatter.zoomBy(1.0001);
  await new Promise((r) => requestAnimationFrame(() => { g.drawImage(from, 0, 0); r(); }));
  const d = g.getImageData(0, 0, to.width, to.height).data;
  let ink = 0;
  for (let i = 0; i < d.length; i += 4) if (d[i] !== d[0] || d[i + 1] !== d[1] || d[i + 2] !== d[2]) ink++;
  return ink / (to.width * to.height);
}"""
LOSE = """async (restore) => {
  const canvas = document.querySelector('.shoal-scatter canvas');
  const ext = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
  ext.loseContext();
  await new Promise((r) => setTimeout(r, 200));
  if (restore) ext.restoreContext();
  await new Promise((r) => setTimeout(r, restore ? 200 : 3300));
  await window.shoalMap.scatter.settled();
  return window.shoalMap.scatter.stats.renderer;
}"""
MOUNT_50 = """async () => {
  const { make, codes, x, y } = window.shoalMap;
  const warnings = [];
  const warn = console.warn; console.warn = (...a) => warnings.push(a.join(' '));
  for (let i = 0; i < 50; i++) {
    const host = document.createElement('div');
    host.style.cssText = 'width:300px;height:200px';
    document.body.append(host);
    const map = make(host);
    map.setCodes(codes); map.setPoints(x, y);
    await map.settled();
    map.destroy(); map.destroy();
    if (host.children.length !== 0) throw new Error('destroy left elements behind');
    host.remove();
  }
  console.warn = warn;
  return warnings;
}"""


def told(page: Any, what: str) -> Any:
    """One thing the page was told by the map."""
    return page.evaluate(f"window.shoalMap.told.{what}")


def check_gestures(page: Any, out: Path) -> None:
    """Lasso, add, subtract, click, double click, Esc, keys, wheel."""
    lasso(page, 462, 340, 150, 100)
    first = told(page, "selected")
    assert first > 0 and told(page, "how") == "replace lasso"
    page.evaluate(SETTLED)
    page.screenshot(path=out / "lasso.png")
    page.keyboard.down("Shift")
    lasso(page, 200, 200, 120, 100)
    page.keyboard.up("Shift")
    more = told(page, "selected")
    assert more > first and told(page, "how") == "add lasso", (first, more)
    page.keyboard.down("Alt")
    lasso(page, 200, 200, 120, 100)
    page.keyboard.up("Alt")
    assert told(page, "selected") < more and told(page, "how") == "subtract lasso"
    page.mouse.move(400, 300)
    page.mouse.down()
    page.mouse.move(500, 300)
    page.mouse.move(500, 400)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert told(page, "how") == "subtract lasso", "a cancelled stroke selected something"
    x, y = point_on_screen(page, 5)
    page.mouse.move(x, y)
    page.evaluate(SETTLED)
    assert told(page, "hovered") >= 0
    page.mouse.dblclick(x, y)
    assert told(page, "opened") >= 0 and told(page, "how") == "replace click"
    before = point_on_screen(page, 5)
    page.mouse.wheel(0, -300)
    page.evaluate(SETTLED)
    after = point_on_screen(page, 5)
    assert abs(after[0] - before[0]) < 12 and abs(after[1] - before[1]) < 12, "the wheel lost its point"
    page.keyboard.press("ArrowRight")
    page.evaluate(SETTLED)
    assert abs(point_on_screen(page, 5)[0] - (after[0] - 48)) < 1
    page.keyboard.press("0")
    page.evaluate(SETTLED)
    page.locator("[data-tool=brush]").click()
    page.mouse.move(300, 300)
    page.mouse.down()
    page.mouse.move(600, 350, steps=10)
    page.evaluate("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")
    page.screenshot(path=out / "brush.png")
    page.mouse.up()
    assert told(page, "how") == "replace brush" and told(page, "selected") > 0
    page.locator("[data-tool=rect]").click()
    page.mouse.move(100, 100)
    page.mouse.down()
    page.mouse.move(890, 620, steps=5)
    page.mouse.up()
    assert told(page, "how") == "replace rect" and told(page, "selected") > first
    page.locator("[data-tool=lasso]").click()


def point_on_screen(page: Any, row: int) -> tuple[float, float]:
    """Page coordinates of one row's point."""
    x, y = page.evaluate(f"window.shoalMap.scatter.screenOf({row})")
    box = page.locator(".shoal-scatter").bounding_box()
    return box["x"] + x, box["y"] + y


def check_page(page: Any, base: str, out: Path, query: str, renderer: str) -> None:
    """All checks for one renderer."""
    page.goto(f"{base}/scatter.html?n=20000&{query}")
    page.wait_for_function("window.shoalMap !== undefined")
    page.evaluate(SETTLED)
    assert page.evaluate("window.shoalMap.scatter.stats.renderer") == renderer
    page.screenshot(path=out / f"{renderer}-{query.split('=')[-1]}.png")
    ink = page.evaluate(INK)
    assert 0.02 < ink < 0.9, ink
    check_gestures(page, out)
    page.evaluate("document.getElementById('map').style.width = '420px'")
    page.wait_for_timeout(200)
    page.evaluate(SETTLED)
    assert page.evaluate("document.querySelector('.shoal-scatter canvas').width") == 420
    assert page.evaluate(INK) > 0.02, "nothing is drawn after resizing"
    page.evaluate("window.shoalMap.scatter.setCodes(new Int32Array(20000).fill(-2))")
    assert page.evaluate(INK) == 0, "hidden points are drawn"
    page.evaluate("window.shoalMap.scatter.setCodes(window.shoalMap.codes)")
    page.evaluate("document.getElementById('focus').click()")
    page.evaluate(SETTLED)
    page.screenshot(path=out / f"{renderer}-focus-narrow.png")
    assert told(page, "errors") == []


def main() -> None:
    """Run all checks."""
    from playwright.sync_api import sync_playwright

    out = Path(sys.argv[1])
    site = out / "site"
    site.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "scatter.html", site)
    bundle = ["npx", "esbuild", "dev/scatter.ts", "--bundle", f"--outfile={site.resolve()}/built/scatter.js"]
    subprocess.run(bundle, cwd=HERE.parent, check=True, capture_output=True)
    server, base = serve(site)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 940, "height": 700})
        failures: list[str] = []
        page.on("pageerror", lambda e: failures.append(str(e)))
        check_page(page, base, out, "theme=dark", "webgl2")
        assert page.evaluate(LOSE, True) == "webgl2"
        assert page.evaluate(INK) > 0.02, "nothing is drawn after the context came back"
        assert page.evaluate(LOSE, False) == "canvas2d"
        assert page.evaluate(INK) > 0.02, "nothing is drawn by the fallback"
        page.goto(f"{base}/scatter.html?n=5000")
        page.wait_for_function("window.shoalMap !== undefined")
        assert page.evaluate(MOUNT_50) == []
        assert page.evaluate("window.shoalMap.scatter.stats.renderer") == "webgl2", "50 maps cost the first"
        check_page(page, base, out, "renderer=canvas2d", "canvas2d")
        assert failures == [], failures
        browser.close()
    server.shutdown()
    print("the map holds")


if __name__ == "__main__":
    main()
