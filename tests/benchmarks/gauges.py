"""What a browser benchmark reads off: bytes on the wire, main-thread tasks, frames, time in the kernel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

# Before any script of the page: count what the sockets bring, and write down every task that held the page.
IN_PAGE = """(() => {
  const gauges = { received: 0, tasks: [], frames: [], counting: false };
  window.shoalGauges = gauges;
  const size = (data) => typeof data === 'string' ? data.length : (data.byteLength ?? data.size ?? 0);
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', (event) => { gauges.received += size(event.data); });
    }
  };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) gauges.tasks.push([entry.startTime, entry.duration]);
  }).observe({ type: 'longtask', buffered: true });
  const frame = (now) => {
    if (!gauges.counting) return;
    gauges.frames.push(now);
    requestAnimationFrame(frame);
  };
  gauges.start = () => { gauges.frames = []; gauges.counting = true; requestAnimationFrame(frame); };
  gauges.stop = () => {
    gauges.counting = false;
    return gauges.frames.slice(1).map((at, i) => at - gauges.frames[i]);
  };
})()"""
# In the kernel: how long each request of the view keeps it, and how large what it sends is.
IN_KERNEL = """
import json, time
gauges = {"ms": [], "cpu_ms": [], "bytes": []}
def gauge(widget):
    handle, send = widget._host.handle, widget.send
    def handled(content, buffers):
        kind, began, worked = content["payload"]["kind"], time.perf_counter(), time.thread_time()
        handle(content, buffers)
        gauges["cpu_ms"].append((kind, 1000 * (time.thread_time() - worked)))
        gauges["ms"].append((kind, 1000 * (time.perf_counter() - began)))
    def sent(content, buffers=None):
        size = len(json.dumps(content)) + sum(memoryview(b).nbytes for b in buffers or [])
        gauges["bytes"].append((content["payload"]["kind"] if content.get("payload") else "error", size))
        send(content, buffers)
    widget._host.handle, widget.send = handled, sent
"""
# The browser tells of tasks from 50 ms on.
SEEN_MS = 50.0


@dataclass
class Gauges:
    """The gauges of one page; make it before the page goes anywhere."""

    page: Page

    def __post_init__(self) -> None:
        self.page.add_init_script(IN_PAGE)
        self._events: list[dict[str, Any]] = []
        self._ended = False

    @contextmanager
    def tasks(self) -> Iterator[list[float]]:
        """Gives, at the end, the processor time of each main-thread task of what is done meanwhile, ms.

        Where other programs are at work too, this says what the page itself costs.
        """
        found: list[float] = []
        cdp = self.page.context.new_cdp_session(self.page)
        cdp.on("Tracing.dataCollected", lambda data: self._events.extend(data["value"]))
        cdp.on("Tracing.tracingComplete", lambda _: setattr(self, "_ended", True))
        config = {"includedCategories": ["toplevel"], "recordMode": "recordAsMuchAsPossible"}
        cdp.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": config})
        yield found
        cdp.send("Tracing.end")
        while not self._ended:
            self.page.wait_for_timeout(50)
        mains = {
            (e["pid"], e["tid"])
            for e in self._events
            if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"
        }
        found.extend(
            min(e["tdur"], e["dur"]) / 1000  # some machines' processor clocks run ahead of time itself
            for e in self._events
            if e["ph"] == "X" and "tdur" in e and (e["pid"], e["tid"]) in mains
        )

    def received(self) -> int:
        """Bytes that web sockets have brought so far."""
        return int(self.page.evaluate("() => window.shoalGauges.received"))

    def now(self) -> float:
        """The page's clock, ms."""
        return float(self.page.evaluate("() => performance.now()"))

    def longest_task(self, since: float = 0) -> float:
        """The longest main-thread task that began after ``since``, ms; 50 when none was longer than that."""
        code = "(t) => Math.max(0, ...shoalGauges.tasks.filter((e) => e[0] >= t).map((e) => e[1]))"
        return max(SEEN_MS, float(self.page.evaluate(code, since)))

    @contextmanager
    def frames(self, into: list[float]) -> Iterator[None]:
        """Add the times between the frames of what is done meanwhile, ms."""
        self.page.evaluate("() => window.shoalGauges.start()")
        yield
        into.extend(self.page.evaluate("() => window.shoalGauges.stop()"))


def of_kind(pairs: list[tuple[str, Any]], kind: str) -> list[float]:
    """The values of one kind of message."""
    return [float(value) for name, value in pairs if name == kind]
