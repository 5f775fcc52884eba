/** The strip at the foot: how much, how far, is it kept, is the kernel there. */
import { useEffect, useState } from "preact/hooks";
import { duration, grouped, percent, visible } from "../lib/text";
import type { Status } from "../protocol/transport";
import { useStore } from "../state/store";

const KERNEL: Record<Status, { text: string; state: string; tip: string }> = {
  connecting: { text: "connecting", state: "wait", tip: "Waiting for the kernel" },
  connected: { text: "kernel", state: "good", tip: "The kernel answers" },
  busy: { text: "busy", state: "wait", tip: "The kernel is busy; your request waits its turn" },
  silent: { text: "no answer", state: "bad", tip: "The kernel has not answered for a while" },
  lost: { text: "gone", state: "bad", tip: "The kernel is gone" },
};

const IDLE_MS = 60_000;
const TICK_MS = 15_000;

/** Seconds spent: what the kernel counted, plus the time here with idle gaps left out. */
function useSpent(): number {
  const { kernel } = useStore();
  const [here, setHere] = useState(0);
  const told = kernel.meta.value?.secondsSpent ?? 0;
  useEffect(() => {
    let last = performance.now();
    const active = () => {
      last = performance.now();
    };
    const events = ["pointerdown", "keydown", "wheel"] as const;
    for (const name of events) document.addEventListener(name, active, { passive: true });
    const timer = setInterval(() => {
      if (performance.now() - last < IDLE_MS && document.visibilityState === "visible")
        setHere((s) => s + TICK_MS / 1000);
    }, TICK_MS);
    return () => {
      clearInterval(timer);
      for (const name of events) document.removeEventListener(name, active);
    };
  }, []);
  return told + here;
}

/** A long task of the kernel, wherever it was started. */
function Task() {
  const { kernel } = useStore();
  const p = kernel.progress.value;
  if (!p || p.done >= p.total) return null;
  return (
    <span class="sh-inline" data-testid="task">
      {visible(p.what)}
      <progress class="sh-task" value={p.done} max={p.total} aria-label={visible(p.what)} />
    </span>
  );
}

export function Foot() {
  const { kernel, ui, transport, asking } = useStore();
  const audit = asking.audit.value;
  kernel.clustersVersion.value;
  const spent = useSpent();
  const meta = kernel.meta.value;
  const n = meta?.nItems ?? 0;
  let clusters = 0;
  let reviewed = 0;
  let noise = 0;
  let inClusters = 0;
  for (const c of kernel.clusters.values()) {
    if (c.kind === "noise") noise = c.size;
    if (c.kind !== "cluster") continue;
    clusters++;
    inClusters += c.size;
    if (c.reviewed) reviewed += c.size;
  }
  const share = inClusters > 0 ? reviewed / inClusters : 0;
  const { unsaved } = kernel.history.value;
  const status = KERNEL[transport.status.value];
  const working = ui.working.value > 0;
  return (
    <footer class="sh-foot" data-testid="foot">
      <span>
        <b>{grouped(n)}</b> {n === 1 ? "item" : "items"}
      </span>
      <span>
        <b>{grouped(clusters)}</b> {clusters === 1 ? "cluster" : "clusters"}
      </span>
      <span
        class="sh-opt2 sh-inline"
        title={`${grouped(reviewed)} of ${grouped(inClusters)} clustered items are in reviewed clusters`}
      >
        reviewed
        <span
          class="sh-meter"
          role="meter"
          aria-label="Reviewed share"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(100 * share)}
        >
          <i style={{ width: `${100 * share}%` }} />
        </span>
        <b>{percent(share)}</b>
      </span>
      {audit && (
        <button
          type="button"
          class="sh-link sh-opt"
          data-testid="how-right"
          title={`${audit.estimate}. ${audit.advice}`}
          onClick={() => asking.begin("audit")}
        >
          {audit.estimate.split(",")[0]}
        </button>
      )}
      <span class="sh-opt">
        noise <b>{percent(n > 0 ? noise / n : 0)}</b>
      </span>
      {meta && meta.nBroken > 0 && (
        <button
          type="button"
          class="sh-link"
          data-testid="broken"
          onClick={() => {
            ui.dialog.value = { kind: "broken" };
          }}
        >
          {grouped(meta.nBroken)} cannot be shown
        </button>
      )}
      <span class="sh-grow" />
      <Task />
      <span class="sh-opt2" data-testid="kept">
        {transport.exportsFile ? "changes live in this page" : "every change kept"}
        {unsaved > 0
          ? ` · ${grouped(unsaved)} not ${transport.exportsFile ? "exported" : "on disk"}`
          : transport.exportsFile
            ? ""
            : " · all on disk"}
      </span>
      <span class="sh-opt" title="Time spent, idle gaps left out">
        {duration(spent)}
      </span>
      <span
        class="sh-inline"
        title={status.tip}
        data-testid="kernel-status"
        data-status={transport.status.value}
      >
        <span class={`sh-dot sh-k-${working && status.state === "good" ? "work" : status.state}`} />
        {status.text}
      </span>
    </footer>
  );
}
