/** Dialogs that ask for a line of text or a yes: split, create, describe, tags, caption, delete, rename conflict, merge. */
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { freeName, grouped, plural, visible } from "../../lib/text";
import { type Store, useStore } from "../../state/store";
import { Button, Cover, Dot } from "../controls";
import { DialogFrame, wordsOf } from "./dialog";

const BUSY_MS = 150;

interface AskProps {
  title: string;
  sub?: ComponentChildren;
  label?: string;
  value?: string;
  ok: string;
  danger?: boolean;
  empty?: boolean;
  children?: ComponentChildren;
  run(value: string): Promise<unknown>;
}

/** A question with at most one field; errors of the kernel are shown beside it, and nothing is lost. */
export function Ask(p: AskProps) {
  const { ui } = useStore();
  const field = useRef<HTMLInputElement>(null);
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const asked = useRef(false);
  const submit = () => {
    const value = field.current?.value.trim() ?? "";
    if (asked.current) return;
    if (p.label && value === "" && !p.empty) {
      setError("A name is needed.");
      return;
    }
    asked.current = true;
    // Most answers come within a tenth of a second: what would only flash is not drawn.
    const timer = setTimeout(() => setBusy(true), BUSY_MS);
    const now = ui.dialog.peek();
    p.run(value).then(
      () => {
        clearTimeout(timer);
        if (ui.dialog.peek() === now) ui.dialog.value = null;
      },
      (reason: unknown) => {
        clearTimeout(timer);
        asked.current = false;
        setBusy(false);
        setError(wordsOf(reason));
        field.current?.select();
      },
    );
  };
  return (
    <DialogFrame
      title={p.title}
      sub={p.sub}
      onKeyDown={(e) => {
        if (e.key !== "Enter" || (e.target as Element).tagName === "BUTTON") return;
        e.preventDefault();
        submit();
      }}
    >
      <div class="sh-sheet-body">
        {p.children}
        {p.label && (
          <label class="sh-field">
            <span>{p.label}</span>
            <input
              class="sh-input"
              ref={field}
              defaultValue={p.value ?? ""}
              data-autofocus=""
              data-testid="ask-input"
              maxLength={500}
            />
          </label>
        )}
        {error && (
          <p class="sh-error" role="alert">
            {visible(error)}
          </p>
        )}
      </div>
      <footer class="sh-answers">
        <Button
          primary
          label={p.ok}
          testid="ask-ok"
          class={p.danger ? "sh-danger" : ""}
          autofocus={!p.label}
          disabled={busy ? "being done" : false}
          onClick={submit}
        />
        <span class="sh-grow" />
        <Button
          label="Cancel"
          onClick={() => {
            ui.dialog.value = null;
          }}
        />
      </footer>
    </DialogFrame>
  );
}

const names = (store: Store) => [...store.kernel.clusters.values()].map((c) => c.name);

export function SplitDialog() {
  const store = useStore();
  const rows = store.actions.subject();
  return (
    <Ask
      title={`Split ${plural(rows.length, "item")} off`}
      sub="They become a new cluster."
      label="Name of the new cluster"
      value={freeName("cluster", names(store))}
      ok="Split off"
      run={(name) => store.actions.split(name)}
    >
      <Strip rows={[...rows.subarray(0, 8)]} more={rows.length - 8} />
    </Ask>
  );
}

export function CreateDialog() {
  const store = useStore();
  const run = (name: string) => store.actions.create(name);
  return (
    <Ask
      title="New cluster"
      sub="An empty one; drag items onto it."
      label="Name"
      value={freeName("cluster", names(store))}
      ok="Create"
      run={run}
    />
  );
}

export function DescribeDialog({ id }: { id: string }) {
  const { kernel, actions } = useStore();
  const cluster = kernel.clusters.get(id);
  if (!cluster) return null;
  return (
    <Ask
      title={`Describe ${visible(cluster.name)}`}
      label="Description"
      value={cluster.description}
      empty
      ok="Keep"
      run={(description) => actions.edit({ type: "describe_cluster", cluster: id, description })}
    />
  );
}

const split = (text: string) => text.split(",").map((t) => t.trim()).filter(Boolean); // biome-ignore format: short

export function TagsDialog({ target, ids }: { target: "items" | "clusters"; ids: readonly string[] }) {
  const { kernel, actions } = useStore();
  const infos = ids.map((id) => kernel.clusters.get(id)).filter((c) => c !== undefined);
  const old = target === "clusters" ? [...new Set(infos.flatMap((c) => c.tags))] : [];
  const count = target === "clusters" ? infos.length : actions.subject().length;
  const what =
    target === "clusters" && infos.length === 1
      ? visible(infos[0]?.name ?? "")
      : plural(count, target.slice(0, -1));
  return (
    <Ask
      title={`Tags of ${what}`}
      sub={
        target === "items"
          ? "Added to the tags they have; a leading − takes one away."
          : "Separated by commas."
      }
      label="Tags"
      value={old.join(", ")}
      empty
      ok="Keep"
      run={(text) => {
        const tags = split(text);
        if (target === "clusters") {
          const remove = old.filter((t) => !tags.includes(t));
          return actions.edit({ type: "tag_clusters", clusters: [...ids], add: tags, remove });
        }
        const minus = /^[-−]\s*/;
        const add = tags.filter((t) => !minus.test(t));
        const remove = tags.filter((t) => minus.test(t)).map((t) => t.replace(minus, ""));
        return actions.tagItems(add, remove);
      }}
    />
  );
}

export function CaptionDialog() {
  const { actions, facts, kernel } = useStore();
  const rows = actions.subject();
  const one = kernel.selection.count <= 1 ? facts.peek(rows[0] ?? -1) : undefined;
  return (
    <Ask
      title={`Caption of ${plural(rows.length, "item")}`}
      sub="An empty one takes the caption away."
      label="Caption"
      value={one?.caption ?? ""}
      empty
      ok="Keep"
      run={(caption) => actions.caption(caption)}
    />
  );
}

export function DeleteDialog({ id }: { id: string }) {
  const { kernel, actions } = useStore();
  const cluster = kernel.clusters.get(id);
  if (!cluster) return null;
  return (
    <Ask
      title={`Delete ${visible(cluster.name)}?`}
      sub={`Its ${plural(cluster.size, "item")} ${cluster.size === 1 ? "goes" : "go"} to noise. No file is deleted, and it can be undone.`}
      ok="Delete"
      danger
      run={() => actions.edit({ type: "delete_cluster", cluster: id })}
    />
  );
}

export function NameTakenDialog({ id, other, name }: { id: string; other: string; name: string }) {
  const { kernel, actions } = useStore();
  const from = kernel.clusters.get(id);
  const into = kernel.clusters.get(other);
  if (!from || !into) return null;
  return (
    <Ask
      title={`Merge into ${visible(name)}?`}
      sub={`There is a cluster ${visible(name)} already. Merging puts the ${plural(from.size, "item")} of ${visible(from.name)} into it.`}
      ok={`Merge into ${visible(name)}`}
      run={() => actions.merge([other, id], name, other)}
    />
  );
}

export function MergeDialog({ ids, name }: { ids: readonly string[]; name?: string | undefined }) {
  const { kernel, actions } = useStore();
  const infos = ids.map((id) => kernel.clusters.get(id)).filter((c) => c !== undefined);
  const sorted = [...infos].sort((a, b) => b.size - a.size);
  const total = infos.reduce((n, c) => n + c.size, 0);
  return (
    <Ask
      title={`Merge ${plural(infos.length, "cluster")}`}
      sub={`${plural(total, "item")} in one cluster; the cover and colour of the largest are kept.`}
      label="Name"
      value={name ?? sorted[0]?.name ?? ""}
      ok="Merge"
      run={(chosen) =>
        actions.merge(
          infos.map((c) => c.id),
          chosen,
        )
      }
    >
      <ul class="sh-merge-list">
        {sorted.slice(0, 12).map((c) => (
          <li key={c.id}>
            <Cover row={kernel.coverOf(c)} px={40} />
            <Dot cluster={c} />
            <span class="sh-name sh-grow">{visible(c.name)}</span>
            <span class="sh-num">{grouped(c.size)}</span>
          </li>
        ))}
        {sorted.length > 12 && <li class="sh-muted">and {grouped(sorted.length - 12)} more</li>}
      </ul>
    </Ask>
  );
}

/** A row of small pictures. */
export function Strip({ rows, more = 0 }: { rows: readonly number[]; more?: number }) {
  return (
    <div class="sh-strip">
      {rows.map((row) => (
        <Cover key={row} row={row} px={48} />
      ))}
      {more > 0 && <span class="sh-muted">+ {grouped(more)}</span>}
    </div>
  );
}
