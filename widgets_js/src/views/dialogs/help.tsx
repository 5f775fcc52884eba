/** The help sheet, the palette and the list of broken files. */
import { useMemo, useRef, useState } from "preact/hooks";
import { BINDINGS } from "../../lib/keys";
import { grouped, plural, rank, visible } from "../../lib/text";
import { shownName } from "../../state/cluster_list";
import { type Store, useStore } from "../../state/store";
import { commands } from "../commands";
import { Button, Cover, Keys, shownKeys } from "../controls";
import { Icon } from "../icons";
import { mapOf } from "../map_handle";
import { DialogFrame } from "./dialog";

const GESTURES: readonly [string, string][] = [
  ["Click, Ctrl-click, Shift-click", "select one, one more, a range; the same on clusters"],
  ["Drag over empty space", "rubber band; Alt-drag starts one on a picture"],
  ["Drag items onto a cluster", "move them there"],
  ["Drag a cluster onto another", "merge them"],
  ["Double-click", "show large; on a cluster's name: rename"],
  ["Lasso on the map", "select; Shift adds, Alt takes away; the grid shows them at once"],
  ["Click on a point", "jump to the item"],
  ["Wheel, Space-drag on the map", "zoom, move; double-click shows all"],
  ["Arrows, Shift-arrows", "walk, select a range"],
  ["1 … 9", "move the selection to a recent target; the list shows whose digit it is"],
];

export function HelpDialog() {
  const { ui } = useStore();
  return (
    <DialogFrame title="Keys and gestures" width={720} testid="help-dialog">
      <div class="sh-sheet-scroll sh-help" tabIndex={0} role="region" aria-label="Keys">
        <dl>
          {BINDINGS.map((b) => (
            <div key={b.action}>
              <dt>
                {b.keys.map((k) => (
                  <Keys key={k} text={k.replaceAll("+", " ")} />
                ))}
              </dt>
              <dd>{b.title}</dd>
            </div>
          ))}
        </dl>
        <dl>
          {GESTURES.map(([what, does]) => (
            <div key={what}>
              <dt class="sh-gesture">{what}</dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      </div>
      <footer class="sh-answers">
        <span class="sh-grow" />
        <Button
          label="Close"
          autofocus
          onClick={() => {
            ui.dialog.value = null;
          }}
        />
      </footer>
    </DialogFrame>
  );
}

interface Entry {
  key: string;
  label: string;
  keys: string;
  disabled: string | false;
  cover: number | null | undefined;
  run(): void;
}

function entries(store: Store): Entry[] {
  const out: Entry[] = Object.values(commands(store))
    .filter((c) => c.action !== "palette")
    .map((c) => ({
      key: c.action,
      label: c.label,
      keys: shownKeys(c.action),
      disabled: c.disabled,
      cover: undefined,
      run: c.run,
    }));
  const plain = (key: string, label: string, run: () => void): Entry => ({
    key,
    label,
    keys: "",
    disabled: false,
    cover: undefined,
    run,
  });
  out.push(
    plain("fit", "Show all points on the map", () => mapOf(store)?.fit()),
    plain("map", store.ui.prefs.peek().mapOpen ? "Fold the map away" : "Open the map", () =>
      store.ui.set({ mapOpen: !store.ui.prefs.peek().mapOpen }),
    ),
    plain(
      "side",
      store.ui.prefs.peek().sideOpen ? "Fold the list of clusters away" : "Open the list of clusters",
      () => store.ui.set({ sideOpen: !store.ui.prefs.peek().sideOpen }),
    ),
    plain("create", "New cluster", () => {
      store.ui.dialog.value = { kind: "create" };
    }),
  );
  for (const c of store.kernel.clusters.values()) {
    const run = () => store.shown.show([c.id]);
    out.push({
      key: `c:${c.id}`,
      label: `Show ${visible(shownName(c))}`,
      keys: grouped(c.size),
      disabled: false,
      cover: store.kernel.coverOf(c),
      run,
    });
  }
  return out;
}

export function PaletteDialog() {
  const store = useStore();
  const { ui } = store;
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const all = useMemo(() => entries(store), []);
  const found = all
    .map((e) => ({ e, r: rank(query, e.label) }))
    .filter(({ r }) => r > 0)
    .sort((a, b) => b.r - a.r)
    .slice(0, 40)
    .map(({ e }) => e);
  const go = (entry: Entry | undefined) => {
    if (!entry || entry.disabled) return;
    ui.dialog.value = null;
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      const next = Math.max(0, Math.min(found.length - 1, at + by));
      setAt(next);
      list.current?.children[next]?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(found[at]);
    }
  };
  return (
    <DialogFrame title="All commands" class="sh-palette" testid="palette" onKeyDown={onKeyDown}>
      <div class="sh-sheet-body">
        <input
          class="sh-input"
          data-autofocus=""
          role="combobox"
          aria-expanded="true"
          aria-controls={`${ui.key}-palette`}
          aria-activedescendant={`${ui.key}-palette-${at}`}
          aria-label="Command or cluster"
          placeholder="Command or cluster"
          value={query}
          onInput={(e) => {
            setQuery(e.currentTarget.value);
            setAt(0);
          }}
        />
        <div class="sh-targets" role="listbox" id={`${ui.key}-palette`} aria-label="Commands" ref={list}>
          {found.map((e, k) => (
            <div
              key={e.key}
              id={`${ui.key}-palette-${k}`}
              role="option"
              aria-selected={k === at}
              aria-disabled={e.disabled ? "true" : undefined}
              title={e.disabled || undefined}
              class={`sh-target${k === at ? " sh-on" : ""}${e.disabled ? " sh-off" : ""}`}
              onClick={() => go(e)}
              onPointerMove={() => setAt(k)}
            >
              {e.cover !== undefined ? (
                <Cover row={e.cover} px={24} />
              ) : (
                <span class="sh-cover sh-plus" style={{ width: "24px", height: "24px" }}>
                  ›
                </span>
              )}
              <span class="sh-name sh-grow">{e.label}</span>
              {e.keys && <Keys text={e.keys} />}
            </div>
          ))}
        </div>
      </div>
    </DialogFrame>
  );
}

export function BrokenDialog() {
  const { kernel, ui } = useStore();
  const meta = kernel.meta.value;
  if (!meta) return null;
  return (
    <DialogFrame
      title={`${plural(meta.nBroken, "file")} cannot be shown`}
      sub="They are listed, kept and can be moved like the others."
      width={640}
    >
      <ul class="sh-sheet-scroll sh-files" tabIndex={0}>
        {meta.broken.map((b) => (
          <li key={b.path}>
            <Icon name="broken" /> <span class="sh-path">{visible(b.path)}</span>: {visible(b.reason)}
          </li>
        ))}
        {meta.nBroken > meta.broken.length && <li>and {grouped(meta.nBroken - meta.broken.length)} more</li>}
      </ul>
      <footer class="sh-answers">
        <span class="sh-grow" />
        <Button
          label="Close"
          autofocus
          onClick={() => {
            ui.dialog.value = null;
          }}
        />
      </footer>
    </DialogFrame>
  );
}
