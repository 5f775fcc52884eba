/** The frame of all dialogs: a sheet over the panes that keeps the focus, gives it back, and closes by Esc. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useStore } from "../../state/store";
import { rootOf } from "../drag";

const FOCUSABLE = "button,input,select,textarea,[tabindex]:not([tabindex='-1'])";

interface Props {
  title: string;
  sub?: ComponentChildren;
  width?: number;
  class?: string;
  testid?: string;
  /** False keeps the sheet open on Esc and outside clicks (a save is running). */
  closable?: boolean;
  onKeyDown?(event: KeyboardEvent): void;
  children: ComponentChildren;
}

export function DialogFrame(p: Props) {
  const store = useStore();
  const box = useRef<HTMLDivElement>(null);
  const close = () => {
    if (p.closable !== false) store.ui.dialog.value = null;
  };
  // In the same task as the key that asked for it: what is typed next belongs here.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const host = element.getRootNode() as Document | ShadowRoot;
    const before = host.activeElement as HTMLElement | null;
    const first =
      element.querySelector<HTMLElement>("[data-autofocus]") ?? element.querySelector<HTMLElement>(FOCUSABLE);
    (first ?? element).focus();
    if (!element.contains(host.activeElement)) element.focus(); // what should have had it is disabled
    if (first instanceof HTMLInputElement) first.select();
    return () => {
      const back = before?.isConnected ? before : rootOf(store);
      back?.focus({ preventScroll: true });
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    p.onKeyDown?.(event);
    if (event.defaultPrevented) return;
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
    if (event.key === "Tab") trap(event, box.current);
    if ((event.ctrlKey || event.metaKey) && "szk".includes(event.key.toLowerCase())) event.preventDefault();
  };
  return (
    <div class="sh-veil" onPointerDown={(e) => e.target === e.currentTarget && close()}>
      <div
        class={`sh-sheet ${p.class ?? ""}`}
        ref={box}
        role="dialog"
        aria-modal="true"
        aria-label={p.title}
        tabIndex={-1}
        data-testid={p.testid ?? "dialog"}
        style={{ maxWidth: `${p.width ?? 480}px` }}
        onKeyDown={onKeyDown}
      >
        <header class="sh-sheet-head">
          <h3>{p.title}</h3>
          {p.sub && <p>{p.sub}</p>}
        </header>
        {p.children}
      </div>
    </div>
  );
}

function trap(event: KeyboardEvent, box: HTMLElement | null): void {
  const all = [...(box?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])].filter(
    (e) => e.offsetParent !== null,
  );
  const first = all[0];
  const last = all[all.length - 1];
  const at = (box?.getRootNode() as Document | ShadowRoot | undefined)?.activeElement;
  if (event.shiftKey && (at === first || at === box)) {
    event.preventDefault();
    last?.focus();
  } else if (!event.shiftKey && at === last) {
    event.preventDefault();
    first?.focus();
  }
}

/** Text of a refusal, for showing inside a dialog. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = (error as { hint?: unknown }).hint;
  return typeof hint === "string" && hint ? `${error.message} ${hint}` : error.message;
}
