/** Move: type to find the target; Enter moves; digits take the recent targets; the last row makes a new cluster. */
import { useMemo, useRef, useState } from "preact/hooks";
import { byName, grouped, plural, rank, visible } from "../../lib/text";
import type { ClusterInfo } from "../../protocol/messages";
import { shownName } from "../../state/cluster_list";
import { type Store, useStore } from "../../state/store";
import { Cover, Dot, Keys } from "../controls";
import { Strip } from "./ask";
import { DialogFrame, wordsOf } from "./dialog";

const MOST = 60;

function targets(store: Store, query: string): ClusterInfo[] {
  const recent = store.ui.recent.peek();
  const place = (c: ClusterInfo) => {
    const at = recent.indexOf(c.id);
    return at < 0 ? recent.length : at;
  };
  return [...store.kernel.clusters.values()]
    .filter((c) => c.kind !== "trash")
    .map((c) => ({ c, r: rank(query, shownName(c)) }))
    .filter(({ r }) => r > 0)
    .sort((a, b) => b.r - a.r || place(a.c) - place(b.c) || b.c.size - a.c.size || byName(a.c.name, b.c.name))
    .slice(0, MOST)
    .map(({ c }) => c);
}

export function MoveDialog() {
  const store = useStore();
  const { ui, actions, kernel } = store;
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const [error, setError] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => actions.subject(), []);
  const found = useMemo(() => targets(store, query), [query]);
  const trimmed = query.trim();
  const exact = [...kernel.clusters.values()].some((c) => c.name.toLowerCase() === trimmed.toLowerCase());
  const create = trimmed !== "" && !exact;
  const last = found.length - 1 + Number(create);
  const close = () => {
    ui.dialog.value = null;
  };
  const go = (index: number) => {
    const target = found[index];
    if (target) {
      close();
      actions.move(target.id).catch(ui.fail);
    } else if (create) {
      actions.split(trimmed).then(close, (reason: unknown) => setError(wordsOf(reason)));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      const next = Math.max(0, Math.min(last, at + by));
      setAt(next);
      list.current?.children[next]?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(at);
    } else if (/^[1-9]$/.test(event.key) && query === "" && !event.ctrlKey && !event.altKey) {
      const id = ui.recent.peek().filter((r) => kernel.clusters.has(r))[Number(event.key) - 1];
      if (!id) return;
      event.preventDefault();
      close();
      actions.move(id).catch(ui.fail);
    }
  };
  const recent = ui.recent.value.filter((id) => kernel.clusters.has(id));
  return (
    <DialogFrame
      title={`Move ${plural(rows.length, "item")} to…`}
      class="sh-move"
      testid="move-dialog"
      onKeyDown={onKeyDown}
    >
      <div class="sh-sheet-body">
        <Strip rows={[...rows.subarray(0, 6)]} more={rows.length - 6} />
        <input
          class="sh-input"
          data-autofocus=""
          data-testid="move-input"
          role="combobox"
          aria-expanded="true"
          aria-controls={`${ui.key}-targets`}
          aria-activedescendant={`${ui.key}-target-${at}`}
          aria-label="Target cluster"
          placeholder="Type a name, or a new one"
          value={query}
          onInput={(e) => {
            setQuery(e.currentTarget.value);
            setAt(0);
            setError("");
          }}
        />
        {error && (
          <p class="sh-error" role="alert">
            {visible(error)}
          </p>
        )}
        <div class="sh-targets" id={`${ui.key}-targets`} role="listbox" aria-label="Clusters" ref={list}>
          {found.map((c, k) => {
            const digit = query === "" ? recent.indexOf(c.id) : -1;
            return (
              <div
                key={c.id}
                id={`${ui.key}-target-${k}`}
                role="option"
                aria-selected={k === at}
                class={`sh-target${k === at ? " sh-on" : ""}`}
                data-testid="move-target"
                onClick={() => go(k)}
                onPointerMove={() => setAt(k)}
              >
                <Cover row={kernel.coverOf(c)} px={32} />
                <Dot cluster={c} />
                <span class="sh-name sh-grow">{visible(shownName(c))}</span>
                <span class="sh-num">{grouped(c.size)}</span>
                <span class="sh-digit">{digit >= 0 && digit < 9 && <Keys text={String(digit + 1)} />}</span>
              </div>
            );
          })}
          {create && (
            <div
              id={`${ui.key}-target-${found.length}`}
              role="option"
              aria-selected={at === found.length}
              class={`sh-target${at === found.length ? " sh-on" : ""}`}
              data-testid="move-create"
              onClick={() => go(found.length)}
              onPointerMove={() => setAt(found.length)}
            >
              <span class="sh-cover sh-plus">+</span>
              <span class="sh-name sh-grow">Create “{visible(trimmed)}”</span>
            </div>
          )}
        </div>
      </div>
      <footer class="sh-answers sh-hints">
        <Keys text="Enter" /> move
        <Keys text="↑ ↓" /> choose
        {recent.length > 0 && (
          <>
            <Keys text="1–9" /> recent
          </>
        )}
        <span class="sh-grow" />
        <Keys text="Esc" /> cancel
      </footer>
    </DialogFrame>
  );
}
