/** What lies over the panes: toasts, the menu, the dragged badge, the banner of a lost kernel. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { plural, visible } from "../lib/text";
import { useStore } from "../state/store";
import type { Toast } from "../state/ui_state";
import { Icon } from "./icons";

function OneToast({ toast }: { toast: Toast }) {
  const { ui, kernel, actions } = useStore();
  const undo = toast.undoAt !== null && kernel.history.value.cursor === toast.undoAt;
  return (
    <div
      class={`sh-toast sh-toast-${toast.level}`}
      role={toast.level === "error" ? "alert" : "status"}
      data-testid="toast"
      onPointerEnter={() => ui.hold(toast.id, true)}
      onPointerLeave={() => ui.hold(toast.id, false)}
      onFocusIn={() => ui.hold(toast.id, true)}
      onFocusOut={() => ui.hold(toast.id, false)}
    >
      {toast.level === "error" && <Icon name="warn" />}
      <span class="sh-toast-text">
        {visible(toast.text)}
        {toast.hint && <small>{visible(toast.hint)}</small>}
      </span>
      {undo && (
        <button
          type="button"
          data-testid="toast-undo"
          onClick={() => {
            ui.dismiss(toast.id);
            actions.undo().catch(ui.fail);
          }}
        >
          Undo
        </button>
      )}
      <button
        type="button"
        class="sh-toast-close"
        aria-label="Close this note"
        onClick={() => ui.dismiss(toast.id)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

export function Toasts() {
  const { ui } = useStore();
  return (
    <div class="sh-toasts" aria-live="polite">
      {ui.toasts.value.map((t) => (
        <OneToast key={t.id} toast={t} />
      ))}
    </div>
  );
}

export function MenuLayer() {
  const { ui } = useStore();
  const menu = ui.menu.value;
  const box = useRef<HTMLDivElement>(null);
  const back = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!menu || !element) return;
    const frame = element.closest(".shoal")?.getBoundingClientRect();
    if (!frame) return;
    const left = menu.alignRight ? menu.x - element.offsetWidth : menu.x;
    const top = Math.min(menu.y, frame.height - element.offsetHeight - 8);
    element.style.left = `${Math.max(8, Math.min(left, frame.width - element.offsetWidth - 8))}px`;
    element.style.top = `${Math.max(8, top)}px`;
    back.current = (element.getRootNode() as Document | ShadowRoot).activeElement as HTMLElement | null;
    element.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
  }, [menu]);
  if (!menu) return null;
  const close = () => {
    ui.menu.value = null;
    back.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    const entries = [...(box.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
    const now = entries.indexOf(event.target as HTMLElement);
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      entries[(now + (event.key === "ArrowDown" ? 1 : entries.length - 1)) % entries.length]?.focus();
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      entries[event.key === "Home" ? 0 : entries.length - 1]?.focus();
    } else if (event.key.length === 1) {
      const start = event.key.toLowerCase();
      entries.find((e, i) => i > now && e.textContent?.toLowerCase().startsWith(start))?.focus();
    }
  };
  return (
    <div
      class="sh-menu-veil"
      onPointerDown={(e) => e.target === e.currentTarget && close()}
      onContextMenu={(e) => e.preventDefault()}
    >
      <div
        class="sh-menu"
        ref={box}
        role="menu"
        aria-label={menu.title}
        onKeyDown={onKeyDown}
        data-testid="menu"
      >
        {menu.items.map((item, k) =>
          item.run === null ? (
            <hr key={k} />
          ) : (
            <button
              key={k}
              type="button"
              tabIndex={-1}
              role={item.checked === undefined ? "menuitem" : "menuitemradio"}
              aria-checked={item.checked}
              aria-disabled={item.disabled ? "true" : undefined}
              title={item.disabled || undefined}
              class={item.danger ? "sh-danger" : ""}
              onClick={() => {
                if (item.disabled) return;
                close();
                item.run?.();
              }}
            >
              <span class="sh-check">{item.checked && <Icon name="check" />}</span>
              <span class="sh-grow">{item.label}</span>
              {item.keys && <kbd class="sh-kbd">{item.keys}</kbd>}
            </button>
          ),
        )}
      </div>
    </div>
  );
}

export function DragLayer() {
  const { ui, kernel } = useStore();
  const drag = ui.drag.value;
  if (!drag) return null;
  const target = drag.over ? kernel.clusters.get(drag.over) : undefined;
  const what = drag.kind === "items" ? plural(drag.count, "item") : plural(drag.count, "cluster");
  return (
    <div
      class="sh-drag"
      style={{ transform: `translate(${drag.x + 12}px,${drag.y + 8}px)` }}
      aria-hidden="true"
    >
      {drag.cover && <img src={drag.cover} alt="" />}
      <span class="sh-badge">{drag.count}</span>
      <span class="sh-drag-text">{target ? `${what} → ${visible(target.name)}` : what}</span>
    </div>
  );
}

export function Banner() {
  const { transport, kernel, ui } = useStore();
  const status = transport.status.value;
  const notice = kernel.notice.value;
  useEffect(() => {
    if (!notice || notice.level === "error") return;
    ui.toast({ level: notice.level, text: notice.message, hint: notice.hint });
  }, [notice]);
  const readOnly = kernel.meta.value?.readOnly;
  let text = "";
  let level = "warning";
  if (status === "lost") {
    text = "The kernel is not answering. Your edits are on disk; run the cell again.";
    level = "error";
  } else if (status === "silent") {
    text =
      "The kernel is not answering. If another cell is running, it will go on by itself; if the kernel was restarted, run the cell again. Your edits are on disk.";
  } else if (notice?.level === "error") {
    text = `${visible(notice.message)} ${visible(notice.hint)}`;
    level = "error";
  } else if (readOnly) {
    text = `Read-only: ${visible(readOnly)}`;
  }
  if (!text) return null;
  return (
    <div class={`sh-banner sh-banner-${level}`} role="alert" data-testid="banner">
      <Icon name="warn" />
      <span class="sh-grow">{text}</span>
      {notice?.level === "error" && status !== "lost" && (
        <button
          type="button"
          class="sh-link"
          onClick={() => {
            kernel.notice.value = null;
          }}
        >
          Close
        </button>
      )}
    </div>
  );
}
