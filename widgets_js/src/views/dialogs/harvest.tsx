/** Noise brought home: for each cluster the items of noise that are nearest to it, ready to be taken or left. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { grouped, plural, visible } from "../../lib/text";
import { decodeItemSet } from "../../protocol/codec";
import type { HarvestGroup, HarvestReply } from "../../protocol/messages";
import { useStore } from "../../state/store";
import { Button, Cover, Dot } from "../controls";
import { DialogFrame, wordsOf } from "./dialog";

const PAUSE_MS = 150;
const SHOWN_GROUPS = 40;

interface Found {
  reply: HarvestReply;
  rows: Uint32Array[];
}

/** The middle half of what is near enough to be worth a look. */
const firstLeast = (steps: readonly number[]): number => Math.floor(100 * (steps[2] ?? 0.5)) / 100;

function useHarvest(least: number | null) {
  const { transport, kernel } = useStore();
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState("");
  const revision = kernel.revision.value;
  useEffect(() => {
    let open = true;
    const timer = setTimeout(
      () => {
        transport.send({ kind: "get_harvest", least: least ?? -1 }).then(
          ({ reply, buffers }) => {
            if (!open) return;
            setFound({ reply, rows: reply.groups.map((g) => decodeItemSet(g.items, buffers)) });
          },
          (reason: unknown) => open && setError(wordsOf(reason)),
        );
      },
      least === null ? 0 : PAUSE_MS,
    );
    return () => {
      open = false;
      clearTimeout(timer);
    };
  }, [least, revision]);
  return { found, error };
}

function Group({
  group,
  left,
  count,
  leave,
  take,
}: {
  group: HarvestGroup;
  /** Rows that are to stay in noise. */
  left: ReadonlySet<number>;
  /** How many would be taken. */
  count: number;
  leave(row: number): void;
  take(): void;
}) {
  const { kernel } = useStore();
  const cluster = kernel.clusters.get(group.cluster);
  if (!cluster) return null;
  const name = visible(cluster.name);
  const range = `${Math.round(100 * group.least)}–${Math.round(100 * group.best)} %`;
  return (
    <section class="sh-group" data-testid="harvest-group" aria-label={name}>
      <header>
        <Cover row={kernel.coverOf(cluster)} px={40} />
        <span class="sh-grow">
          <span class="sh-name">
            <Dot cluster={cluster} /> {name}
          </span>
          <span class="sh-sub">
            {plural(group.items.count, "item")} · {range} similar
            {group.closeCalls > 0 && ` · ${plural(group.closeCalls, "close call")}`}
          </span>
        </span>
        <Button ghost label={`Take ${grouped(count)}`} testid="harvest-take" onClick={take} />
      </header>
      <div class="sh-strip">
        {group.sample.map((row) => (
          <button
            key={row}
            type="button"
            class={`sh-pick${left.has(row) ? " sh-left" : ""}`}
            aria-pressed={!left.has(row)}
            aria-label={`Item ${row + 1}`}
            title={left.has(row) ? "Stays in noise; click to take it" : "Click to leave it in noise"}
            onClick={() => leave(row)}
          >
            <Cover row={row} px={56} />
          </button>
        ))}
        {group.items.count > group.sample.length && (
          <span class="sh-muted">+ {grouped(group.items.count - group.sample.length)}</span>
        )}
      </div>
    </section>
  );
}

export function HarvestDialog() {
  const { ui, actions, kernel } = useStore();
  const [least, setLeast] = useState<number | null>(null);
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const { found, error } = useHarvest(least);
  const started = useRef(false);
  useEffect(() => {
    if (!found || started.current) return;
    started.current = true;
    setLeast(firstLeast(found.reply.steps));
  }, [found]);
  const groups = found?.reply.groups ?? [];
  const moved = kernel.codesVersion.value;
  // What has been taken already is gone at once, before the kernel is asked again.
  const taken = useMemo(
    () => (found?.rows ?? []).map((rows) => rows.filter((row) => !left.has(row) && kernel.codes[row] === -1)),
    [found, left, moved],
  );
  const total = taken.reduce((n, rows) => n + rows.length, 0);
  const leave = (row: number) => {
    const next = new Set(left);
    if (!next.delete(row)) next.add(row);
    setLeft(next);
  };
  const take = (places: readonly number[]) => {
    const parts = places
      .map((k) => ({ rows: taken[k] as Uint32Array, to: groups[k]?.cluster as string }))
      .filter((p) => p.rows.length > 0);
    const n = parts.reduce((sum, p) => sum + p.rows.length, 0);
    if (n === 0) return;
    const one = parts.length === 1 ? kernel.clusters.get(parts[0]?.to ?? "")?.name : undefined;
    const where = one ?? plural(parts.length, "cluster");
    actions.assign(parts, `Took ${plural(n, "item")} out of noise into ${where}`).catch(ui.fail);
  };
  const noise = found?.reply.nNoise ?? 0;
  const unknown = found?.reply.nUnknown ?? 0;
  const sub = error
    ? visible(error)
    : found
      ? `${plural(noise, "item")} of noise, ${grouped(total)} near enough${unknown > 0 ? `; ${grouped(unknown)} cannot be compared` : ""}. Click a picture to leave it.`
      : "Comparing noise with the clusters…";
  return (
    <DialogFrame title="Bring noise home" sub={sub} width={860} testid="harvest-dialog">
      <div class="sh-propose-tools">
        <label class="sh-inline">
          At least
          <input
            type="range"
            class="sh-slider sh-long"
            min={0}
            max={100}
            value={Math.round(100 * (least ?? 0.5))}
            aria-label="Least similarity, per cent"
            data-testid="harvest-least"
            data-autofocus=""
            onInput={(e) => {
              started.current = true;
              setLeast(Number(e.currentTarget.value) / 100);
            }}
          />
          <b class="sh-num">{Math.round(100 * (least ?? 0.5))} %</b> similar
        </label>
      </div>
      <div
        class="sh-sheet-scroll sh-groups"
        tabIndex={0}
        role="group"
        aria-label="Clusters that noise is near to"
      >
        {groups
          .slice(0, SHOWN_GROUPS)
          .map(
            (group, k) =>
              (taken[k]?.length ?? 0) > 0 && (
                <Group
                  key={group.cluster}
                  group={group}
                  left={left}
                  count={taken[k]?.length ?? 0}
                  leave={leave}
                  take={() => take([k])}
                />
              ),
          )}
        {found && groups.length === 0 && <p class="sh-empty">Nothing in noise is that near to a cluster.</p>}
      </div>
      <footer class="sh-answers">
        <Button
          primary
          testid="harvest-all"
          label={`Take all ${grouped(total)}`}
          disabled={total === 0 ? "nothing is near enough" : false}
          onClick={() => take(groups.map((_, k) => k))}
        />
        <span class="sh-grow" />
        <Button
          label="Close"
          onClick={() => {
            ui.dialog.value = null;
          }}
        />
      </footer>
    </DialogFrame>
  );
}
