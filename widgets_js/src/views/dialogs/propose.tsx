/** How a cluster would come apart: the parts side by side, a slider for how fine, and what becomes of each. */
import { useEffect, useRef, useState } from "preact/hooks";
import { grouped, nextName, plural, visible } from "../../lib/text";
import { decodeItemSet } from "../../protocol/codec";
import { KernelError, type SplitPart, type SplitReply } from "../../protocol/messages";
import { shownName } from "../../state/cluster_list";
import { type Store, useStore } from "../../state/store";
import { Button, Cover, Dot, Keys } from "../controls";
import { DialogFrame, wordsOf } from "./dialog";

type Method = "auto" | "natural" | "even";

/** What becomes of a part: it stays in the cluster, becomes one of its own, or joins another. */
type Fate = { kind: "stay" } | { kind: "new"; name: string } | { kind: "join"; to: string };

interface Proposal {
  reply: SplitReply;
  rows: Uint32Array[];
  fates: Fate[];
}

function fatesOf(store: Store, id: string, parts: readonly SplitPart[]): Fate[] {
  const info = store.kernel.clusters.get(id);
  const taken = [...store.kernel.clusters.values()].map((c) => c.name);
  const stem = info?.kind === "cluster" ? info.name : "cluster";
  const names: string[] = [];
  return parts.map((_, k): Fate => {
    if (k === 0) return { kind: "stay" };
    const name = nextName(stem, taken, names);
    names.push(name);
    return { kind: "new", name };
  });
}

const percentOf = (x: number): string => `${Math.round(100 * x)} %`;

function Verdict({ reply }: { reply: SplitReply }) {
  if (reply.suggested === 1) return <>The items look like one; they can be cut all the same.</>;
  const how =
    reply.method === "natural" ? "with gaps between them" : "cut evenly, for they shade into each other";
  return (
    <>
      Clearest as <b>{reply.suggested} parts</b>, {how}.
    </>
  );
}

function Part({
  part,
  place,
  fate,
  setFate,
  show,
}: {
  part: SplitPart;
  place: number;
  fate: Fate;
  setFate(fate: Fate): void;
  show(): void;
}) {
  const { kernel } = useStore();
  const kept = useRef<Fate>(fate.kind === "stay" ? { kind: "new", name: "" } : fate);
  const near = part.near ? kernel.clusters.get(part.near.cluster) : undefined;
  const off = fate.kind !== "stay";
  const number = place + 1;
  return (
    <section
      class={`sh-part${off ? " sh-off-part" : ""}`}
      data-testid="split-part"
      aria-label={`Part ${number}`}
    >
      <header>
        <label class="sh-inline">
          <input
            type="checkbox"
            checked={off}
            data-testid="part-take"
            onChange={(e) => {
              if (fate.kind !== "stay") kept.current = fate;
              setFate(e.currentTarget.checked ? kept.current : { kind: "stay" });
            }}
          />
          <b>{plural(part.items.count, "item")}</b>
        </label>
        <Keys text={String(number)} />
        <span class="sh-grow" />
        <button type="button" class="sh-link" onClick={show} title="Close this and show them in the grid">
          Show
        </button>
      </header>
      <div class="sh-part-pics">
        {part.examples.map((row) => (
          <Cover key={row} row={row} px={64} fluid />
        ))}
      </div>
      <p class="sh-muted">{part.cohesion === null ? "\u00a0" : `${percentOf(part.cohesion)} alike`}</p>
      {fate.kind === "stay" && <p class="sh-fate sh-muted">stays where it is</p>}
      {fate.kind === "new" && (
        <input
          class="sh-input"
          aria-label={`Name of part ${number}`}
          data-testid="part-name"
          maxLength={200}
          value={fate.name}
          onInput={(e) => setFate({ kind: "new", name: e.currentTarget.value })}
        />
      )}
      {fate.kind === "join" && (
        <p class="sh-fate">
          goes to{" "}
          <span class="sh-inline">
            <Dot cluster={kernel.clusters.get(fate.to)} /> {visible(kernel.clusters.get(fate.to)?.name ?? "")}
          </span>
        </p>
      )}
      {near && part.near && (
        <button
          type="button"
          class="sh-link sh-near"
          data-testid="part-join"
          aria-pressed={fate.kind === "join"}
          onClick={() => {
            if (fate.kind === "join") setFate(kept.current.kind === "join" ? { kind: "stay" } : kept.current);
            else {
              if (fate.kind === "new") kept.current = fate;
              setFate({ kind: "join", to: near.id });
            }
          }}
          title={`Its centre is ${percentOf(part.near.similarity)} similar to that of ${visible(near.name)}`}
        >
          <Cover row={kernel.coverOf(near)} px={24} />
          <span class="sh-grow">
            {fate.kind === "join"
              ? "a cluster of its own instead"
              : `${percentOf(part.near.similarity)} like ${visible(near.name)}: put it there`}
          </span>
        </button>
      )}
    </section>
  );
}

function useProposal(id: string, method: Method, parts: number | null) {
  const store = useStore();
  const { transport, kernel } = store;
  const [found, setFound] = useState<Proposal | null>(null);
  const [error, setError] = useState("");
  const [asking, setAsking] = useState(true);
  const size = kernel.clusters.get(id)?.size ?? 0;
  kernel.clustersVersion.value;
  useEffect(() => {
    let open = true;
    let answered = false;
    setAsking(true);
    transport.send({ kind: "get_split", cluster: id, method, parts }).then(
      ({ reply, buffers }) => {
        answered = true;
        if (!open) return;
        const rows = reply.parts.map((p) => decodeItemSet(p.items, buffers));
        setFound({ reply, rows, fates: fatesOf(store, id, reply.parts) });
        setError("");
        setAsking(false);
      },
      (reason: unknown) => {
        answered = true;
        if (!open || (reason instanceof KernelError && reason.code === "cancelled")) return;
        setError(wordsOf(reason));
        setAsking(false);
      },
    );
    return () => {
      open = false;
      if (!answered) transport.send({ kind: "cancel", task: "split" }).catch(store.ui.fail);
    };
  }, [id, method, parts, size]);
  return { found, setFound, error, setError, asking };
}

export function ProposeDialog({ id }: { id: string }) {
  const store = useStore();
  const { ui, kernel, actions, shown } = store;
  const [method, setMethod] = useState<Method>("auto");
  const [wanted, setWanted] = useState<number | null>(null);
  const { found, setFound, error, setError, asking } = useProposal(id, method, wanted);
  const info = kernel.clusters.get(id);
  const busy = useRef(false);
  const close = () => {
    ui.dialog.value = null;
  };
  if (!info) return null;
  const name = visible(shownName(info));
  const fates = found?.fates ?? [];
  const off = fates.filter((f) => f.kind !== "stay").length;
  const stays = fates.length - off;
  const progress = kernel.progress.value;
  const setFate = (place: number, fate: Fate) => {
    if (!found) return;
    setFound({ ...found, fates: fates.map((old, k) => (k === place ? fate : old)) });
    setError("");
  };
  const setAll = (taken: boolean) => {
    if (!found) return;
    const fresh = fatesOf(store, id, found.reply.parts);
    setFound({ ...found, fates: fresh.map((f) => (taken ? f : { kind: "stay" })) });
  };
  const toggle = (place: number) => {
    const fate = fates[place];
    if (!found || !fate) return;
    const fresh = fatesOf(store, id, [...found.reply.parts, ...found.reply.parts]);
    setFate(
      place,
      fate.kind === "stay" ? (fresh[place === 0 ? fates.length : place] as Fate) : { kind: "stay" },
    );
  };
  const accept = () => {
    if (!found || off === 0 || busy.current || asking) return;
    const parts = fates.flatMap((fate, k) => {
      const rows = found.rows[k] as Uint32Array;
      if (fate.kind === "stay") return [];
      return [fate.kind === "join" ? { rows, to: fate.to } : { rows, name: fate.name.trim() }];
    });
    if (parts.some((p) => "name" in p && p.name === "")) {
      setError("Each part that is split off needs a name.");
      return;
    }
    busy.current = true;
    actions.assign(parts, `Split ${shownName(info)} into ${off + (stays > 0 ? 1 : 0)}`).then(
      (done) => {
        busy.current = false;
        if (done) close();
      },
      (reason: unknown) => {
        busy.current = false;
        setError(wordsOf(reason));
      },
    );
  };
  const levels = found?.reply.levels ?? [];
  const now = found?.reply.parts.length ?? 0;
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as Element;
    const typing = target instanceof HTMLInputElement && target.type === "text";
    if (event.key === "Enter" && target.tagName !== "BUTTON") {
      event.preventDefault();
      accept();
    } else if (!typing && /^[1-9]$/.test(event.key)) {
      event.preventDefault();
      toggle(Number(event.key) - 1);
    }
  };
  const wide = Math.max(640, 200 * Math.max(3, now) + 40);
  return (
    <DialogFrame
      title={`Split ${name}`}
      sub={found ? <Verdict reply={found.reply} /> : `${plural(info.size, "item")}`}
      class="sh-propose"
      width={Math.min(1280, wide)}
      testid="propose-dialog"
      onKeyDown={onKeyDown}
    >
      <div class="sh-propose-tools">
        <label class="sh-inline">
          Parts
          <input
            type="range"
            class="sh-slider"
            data-autofocus=""
            data-testid="split-parts"
            min={levels[0] ?? 2}
            max={levels[levels.length - 1] ?? 2}
            step={1}
            value={now || 2}
            aria-label="Number of parts"
            onInput={(e) => setWanted(Number(e.currentTarget.value))}
          />
          <b class="sh-num" data-testid="split-count">
            {now || "…"}
          </b>
        </label>
        <span class="sh-tools" role="group" aria-label="How to cut">
          {(["natural", "even"] as const).map((m) => (
            <button
              key={m}
              type="button"
              class="sh-btn"
              aria-pressed={found?.reply.method === m}
              title={m === "natural" ? "Along the gaps between the items" : "Into parts of about one width"}
              onClick={() => {
                setMethod(m);
                setWanted(null);
              }}
            >
              {m === "natural" ? "By gaps" : "Evenly"}
            </button>
          ))}
        </span>
        <span class="sh-grow" />
        {found && method !== "auto" && found.reply.method !== method && (
          <span class="sh-muted">there are no gaps</span>
        )}
        {asking && (
          <progress
            class="sh-task"
            aria-label="Looking for parts"
            value={progress?.task === "split" ? progress.done : undefined}
            max={progress?.task === "split" ? progress.total : undefined}
          />
        )}
      </div>
      {error && (
        <p class="sh-error sh-inset" role="alert">
          {visible(error)}
        </p>
      )}
      <div class="sh-sheet-scroll sh-parts" aria-busy={asking} tabIndex={-1}>
        {found?.reply.parts.map((part, k) => (
          <Part
            key={`${now}-${k}`}
            part={part}
            place={k}
            fate={fates[k] as Fate}
            setFate={(fate) => setFate(k, fate)}
            show={() => {
              close();
              const rows = found.rows[k] as Uint32Array;
              kernel.selection.apply(rows, "replace");
              shown.gather(rows, `Part ${k + 1} of ${name}`);
            }}
          />
        ))}
      </div>
      <footer class="sh-answers">
        <Button
          primary
          testid="split-accept"
          label={off === 0 ? "Split off" : `Split off ${plural(off, "part")}`}
          disabled={off === 0 ? "tick a part first" : asking ? "still looking" : false}
          onClick={accept}
        />
        <Button label="All" testid="split-all" onClick={() => setAll(true)} />
        <Button label="None" testid="split-none" onClick={() => setAll(false)} />
        <span class="sh-muted sh-opt2">
          {stays === 0 ? `${name} goes` : `${grouped(stays)} of ${now} stay`}
        </span>
        <span class="sh-grow" />
        <Button label="Cancel" onClick={close} />
      </footer>
    </DialogFrame>
  );
}
