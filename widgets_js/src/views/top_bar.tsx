/** The bar of actions. Each says its key, and why it cannot be used now. */
import { useRef } from "preact/hooks";
import { grouped, visible } from "../lib/text";
import { useStore } from "../state/store";
import { commands } from "./commands";
import { Button, Keys, openMenu, shownKeys } from "./controls";

/** The folders above the review's own, at most two. */
const whereabouts = (root: string): string => root.split(/[/\\]/).filter(Boolean).slice(-3, -1).join(" / ");

export function TopBar() {
  const store = useStore();
  const { kernel, ui, asking } = store;
  const all = commands(store);
  const meta = kernel.meta.value;
  const { unsaved } = kernel.history.value;
  const [save, saved] = store.transport.exportsFile ? ["Export", "Nothing to export"] : ["Save", "Saved"];
  const field = useRef<HTMLInputElement>(null);
  const button = (key: "move" | "merge" | "split" | "to_noise", cls: string) => {
    const c = all[key];
    return (
      <Button
        class={cls}
        testid={key}
        label={c.label}
        icon={c.icon ?? "move"}
        action={c.action}
        disabled={c.disabled}
        onClick={c.run}
      />
    );
  };
  const more = (event: MouseEvent) => {
    const keys = [
      "merge",
      "split",
      "propose",
      "harvest",
      "queue",
      "recluster",
      "reviewed",
      "tag",
      "trash",
      "compare",
      "history",
      "replay",
      "fullscreen",
      "palette",
      "help",
    ] as const;
    const items = keys.map((k) => {
      const { label, disabled, run, action } = all[k];
      return { label, disabled, run, keys: shownKeys(action) };
    });
    openMenu(store, event.currentTarget as Element, "More", items);
  };
  const title = visible(meta?.title ?? "");
  return (
    <div class="sh-bar" role="toolbar" aria-label="Actions">
      <span class="sh-title" title={visible(meta?.root ?? "")}>
        {title}
        <small>{visible(whereabouts(meta?.root ?? ""))}</small>
      </span>
      <Button
        bare
        testid="undo"
        label={all.undo.label}
        icon="undo"
        action="undo"
        disabled={all.undo.disabled}
        onClick={all.undo.run}
      />
      <Button
        bare
        testid="redo"
        label={all.redo.label}
        icon="redo"
        action="redo"
        disabled={all.redo.disabled}
        onClick={all.redo.run}
      />
      <span class="sh-sep" />
      {button("move", "sh-keep")}
      {button("merge", "sh-opt2")}
      {button("split", "sh-opt2")}
      {button("to_noise", "sh-keep")}
      <Button
        class="sh-keep"
        testid="queue"
        label="Queue"
        icon="queue"
        action="queue"
        pressed={asking.open.value !== null}
        disabled={all.queue.disabled}
        onClick={all.queue.run}
      />
      <span class="sh-grow" />
      <label class="sh-search sh-opt">
        <Keys text="/" />
        <input
          ref={field}
          type="search"
          class="sh-search-field"
          placeholder="Find clusters, tags, text…"
          aria-label="Find clusters by name, description or tag"
          data-testid="search"
          value={ui.search.value}
          onInput={(e) => {
            ui.search.value = e.currentTarget.value;
          }}
          onKeyDown={(e) => {
            if (e.key !== "Escape") return;
            e.stopPropagation();
            ui.search.value = "";
            e.currentTarget.closest<HTMLElement>(".shoal")?.focus();
          }}
        />
      </label>
      <Button
        bare
        class="sh-opt2"
        testid="history"
        label="History"
        icon="history"
        action="history"
        onClick={all.history.run}
      />
      <Button
        bare
        class="sh-opt2"
        testid="help"
        label="Keys and gestures"
        icon="help"
        action="help"
        onClick={all.help.run}
      />
      <Button
        bare
        class="sh-opt2"
        testid="fullscreen"
        label={all.fullscreen.label}
        icon={all.fullscreen.icon ?? "full"}
        action="fullscreen"
        onClick={all.fullscreen.run}
      />
      <Button bare testid="more" label="More" icon="more" onClick={more} />
      <Button
        primary
        class="sh-save"
        testid="save"
        label={unsaved > 0 ? `${save} ${grouped(unsaved)} ${unsaved === 1 ? "change" : "changes"}` : saved}
        action="save"
        disabled={all.save.disabled}
        onClick={all.save.run}
      >
        {unsaved > 0 ? (
          <span class="sh-label">
            {save} {grouped(unsaved)}
            <span class="sh-opt2"> {unsaved === 1 ? "change" : "changes"}</span>
          </span>
        ) : (
          <span class="sh-label">{saved}</span>
        )}
      </Button>
    </div>
  );
}
