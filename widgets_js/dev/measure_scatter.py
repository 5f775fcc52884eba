"""Measure the map in a real browser with software GL, and take its pictures.

Usage: python dev/measure_scatter.py OUT [--points 10000 100000 1000000] [--renderer webgl2|canvas2d]

Prints one Markdown row per size, milliseconds. First draw, recolour and selection are told twice: until
something right is on the screen ("first"), and until the crisp picture rests ("rest").
"""

from __future__ import annotations

import argparse
import functools
import http.server
import math
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]
COLUMNS = [
    *["points", "renderer", "first_draw_first", "first_draw_rest"],
    *["pan_p50", "pan_p95", "zoom_p50", "zoom_p95", "lasso_rows"],
    *["lasso_ms", "lasso_first", "lasso_rest", "lasso_pan_p50", "lasso_pan_p95"],
    *["recolour_js", "recolour_first", "recolour_rest", "hover_p95", "longest_task"],
]

OBSERVE = """() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) window.longest = Math.max(window.longest, e.duration);
  }).observe({ entryTypes: ['longtask'] });
  window.frames = [];
  let last = 0;
  const tick = (t) => { if (last) window.frames.push(t - last); last = t; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  const root = document.querySelector('.shoal-scatter');
  root.addEventListener('pointerup', () => { window.released = performance.now(); }, true);
}"""

FIRST_DRAW = """async () => {
  const { scatter, codes, x, y } = window.shoalMap;
  const t0 = performance.now();
  scatter.setCodes(codes);
  scatter.setPoints(x, y);
  const sync = performance.now() - t0;
  while (scatter.stats.points === 0) await new Promise((r) => setTimeout(r, 1));
  await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
  const first = performance.now() - t0;
  await scatter.settled();
  return { sync, first, rest: performance.now() - t0 };
}"""

NEXT_FRAME = """async () => {
  await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
  return performance.now() - window.released;
}"""

RECOLOUR = """async () => {
  const { scatter, n } = window.shoalMap;
  const step = Math.max(1, Math.floor(n / 20000));
  const rows = Uint32Array.from({ length: Math.min(20000, n) }, (_, i) => i * step);
  const t0 = performance.now();
  scatter.updateCodes(rows, 2);
  const sync = performance.now() - t0;
  await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
  const first = performance.now() - t0;
  await scatter.settled();
  return { sync, first, rest: performance.now() - t0 };
}"""


def quantile(values: list[float], q: float) -> float:
    """The q-quantile (0..1) of a non-empty list, nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def serve(folder: Path) -> tuple[http.server.ThreadingHTTPServer, str]:
    """Serve `folder` on a free local port, silently."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}"


def lasso(page: Any, cx: float, cy: float, rx: float, ry: float, steps: int = 80) -> None:
    """Draw a closed round lasso with the mouse."""
    page.mouse.move(cx + rx, cy)
    page.mouse.down()
    for i in range(1, steps + 1):
        a = 2 * math.pi * i / steps
        page.mouse.move(cx + rx * math.cos(a), cy + ry * math.sin(a))
    page.mouse.up()


def measure(page: Any, base: str, n: int, renderer: str, out: Path) -> dict[str, Any]:
    """One row of the table."""
    page.goto(f"{base}/scatter.html?n={n}&renderer={renderer}&wait=1")
    page.wait_for_function("window.shoalMap !== undefined")
    page.evaluate(OBSERVE)
    page.wait_for_timeout(300)
    page.evaluate("window.longest = 0")
    row: dict[str, Any] = {"points": n}
    drawn = page.evaluate(FIRST_DRAW)
    row |= {"first_draw_first": drawn["first"], "first_draw_rest": drawn["rest"]}
    row["renderer"] = page.evaluate("window.shoalMap.scatter.stats.renderer")
    page.screenshot(path=out / f"{renderer}-{n}-first.png")
    box = page.locator("#map").bounding_box()
    mx, my = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    row |= pan_and_zoom(page, mx, my)
    page.evaluate("async () => { window.shoalMap.scatter.fit(); await window.shoalMap.scatter.settled(); }")
    hovers = page.evaluate("window.frames.splice(0)") and hover(page, mx, my)
    row["hover_p95"] = quantile(hovers, 0.95)
    lasso(page, mx, my, 220, 160)
    row["lasso_ms"] = page.evaluate("window.shoalMap.told.at - window.released")
    row["lasso_first"] = page.evaluate(NEXT_FRAME)
    page.evaluate("window.shoalMap.scatter.settled()")
    row["lasso_rest"] = page.evaluate("performance.now() - window.released")
    row["lasso_rows"] = page.evaluate("window.shoalMap.told.selected")
    page.screenshot(path=out / f"{renderer}-{n}-lasso.png")
    moved = pan_and_zoom(page, mx, my)
    row |= {"lasso_pan_p50": moved["pan_p50"], "lasso_pan_p95": moved["pan_p95"]}
    changed = page.evaluate(RECOLOUR)
    row |= {f"recolour_{k}": changed[v] for k, v in {"js": "sync", "first": "first", "rest": "rest"}.items()}
    row["longest_task"] = page.evaluate("window.longest")
    errors = page.evaluate("window.shoalMap.told.errors")
    if errors:
        raise SystemExit(f"{n} points: {errors}")
    return row


def pan_and_zoom(page: Any, mx: float, my: float) -> dict[str, float]:
    """Frame times while the map is dragged to and fro (further than its margin) and zoomed in and out."""
    page.evaluate("window.frames.length = 0")
    page.mouse.move(mx, my)
    page.mouse.down(button="middle")
    for i in range(120):
        a = 2 * math.pi * i / 60
        page.mouse.move(mx + 300 * math.sin(a), my + 150 * math.sin(2 * a))
    page.mouse.up(button="middle")
    pan = page.evaluate("window.frames.splice(0)")
    for i in range(60):
        page.mouse.wheel(0, -100 if i < 30 else 100)
    zoom = page.evaluate("window.frames.splice(0)")
    page.evaluate("window.shoalMap.scatter.settled()")
    return {
        "pan_p50": quantile(pan, 0.5),
        "pan_p95": quantile(pan, 0.95),
        "zoom_p50": quantile(zoom, 0.5),
        "zoom_p95": quantile(zoom, 0.95),
    }


def hover(page: Any, mx: float, my: float) -> list[float]:
    """Frame times while the pointer wanders over the points."""
    for i in range(60):
        page.mouse.move(mx + 200 * math.sin(i / 9), my + 120 * math.cos(i / 7))
    return page.evaluate("window.frames.splice(0)")


def main() -> None:
    """Build the page, measure each size, print the table."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--points", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--renderer", choices=["webgl2", "canvas2d"], default="webgl2")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    site = args.out / "site"
    site.mkdir(exist_ok=True)
    shutil.copy(HERE / "scatter.html", site)
    bundle = ["npx", "esbuild", "dev/scatter.ts", "--bundle", f"--outfile={site.resolve()}/built/scatter.js"]
    subprocess.run(bundle, cwd=HERE.parent, check=True, capture_output=True)
    server, base = serve(site)
    print("| " + " | ".join(COLUMNS) + " |")
    print("|" + " --- |" * len(COLUMNS))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for n in args.points:
            page = browser.new_page(viewport={"width": 940, "height": 700})
            row = measure(page, base, n, args.renderer, args.out)
            cells = [f"{v:.0f}" if isinstance(v := row[c], (int, float)) else str(v) for c in COLUMNS]
            print("| " + " | ".join(cells) + " |", flush=True)
            page.close()
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main()
