/** Small parts that all panes are made of. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type KeyAction, keysOf } from "../lib/keys";
import { clusterColor, NOISE } from "../lib/palette";
import type { ClusterInfo } from "../protocol/messages";
import { useStore } from "../state/store";
import { type Picture, sideFor } from "../state/thumbs";
import type { Menu, MenuItem } from "../state/ui_state";
import { Icon, type IconName } from "./icons";

const SHORT: Record<string, string> = { Delete: "Del" };
const MAC = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

/** "Ctrl S", "⌘ S" on a Mac. */
export function shownKeys(action: KeyAction): string {
  const first = keysOf(action)[0] ?? "";
  return first
    .split("+")
    .map((k) => (MAC && k === "Ctrl" ? "⌘" : (SHORT[k] ?? k)))
    .join(" ");
}

export function Keys({ action, text }: { action?: KeyAction; text?: string }) {
  return <kbd class="sh-kbd">{action ? shownKeys(action) : text}</kbd>;
}

interface ButtonProps {
  label: string;
  icon?: IconName;
  action?: KeyAction;
  /** Why it cannot be used now; false when it can. */
  disabled?: string | false;
  primary?: boolean;
  ghost?: boolean;
  /** Show the icon alone; the label is its name. */
  bare?: boolean;
  pressed?: boolean;
  class?: string;
  testid?: string;
  autofocus?: boolean;
  children?: ComponentChildren;
  onClick(event: MouseEvent): void;
}

/** A button that stays focusable when it is disabled, so that its tooltip can say why. */
export function Button(p: ButtonProps) {
  const keys = p.action ? shownKeys(p.action) : "";
  const tip = p.disabled ? `${p.label}: ${p.disabled}` : keys ? `${p.label} (${keys})` : p.label;
  const kind = p.primary ? " sh-primary" : p.ghost ? " sh-ghost" : "";
  return (
    <button
      type="button"
      class={`sh-btn${kind}${p.bare ? " sh-bare" : ""} ${p.class ?? ""}`}
      title={tip}
      aria-label={p.bare ? p.label : undefined}
      aria-disabled={p.disabled ? "true" : undefined}
      aria-pressed={p.pressed}
      data-testid={p.testid}
      data-autofocus={p.autofocus ? "" : undefined}
      onClick={(event) => {
        if (!p.disabled) p.onClick(event);
      }}
    >
      {p.icon && <Icon name={p.icon} />}
      {!p.bare && (p.children ?? <span class="sh-label">{p.label}</span>)}
      {!p.bare && keys && <Keys action={p.action as KeyAction} />}
    </button>
  );
}

export function Dot({ cluster }: { cluster: ClusterInfo | undefined }) {
  return <span class="sh-dot" style={{ background: dotColor(cluster) }} aria-hidden="true" />;
}

export function dotColor(cluster: ClusterInfo | undefined): string {
  return cluster?.kind === "cluster" ? clusterColor(cluster.color) : NOISE;
}

/** The thumbnail of a row, or null until it is here. */
export function useThumb(row: number | null, px: number): Picture | null {
  const { thumbs } = useStore();
  const side = sideFor(px * Math.min(2, globalThis.devicePixelRatio || 1));
  const [came, setCame] = useState<{ row: number; picture: Picture } | null>(null);
  useEffect(() => {
    if (row === null) return undefined;
    return thumbs.want(row, side, (picture) => setCame({ row, picture }));
  }, [row, side, thumbs]);
  if (row === null) return null;
  return came?.row === row ? came.picture : (thumbs.peek(row, side) ?? null);
}

/** A small picture, `px` wide; a fluid one takes the room it gets, and `px` only says how fine it is. */
export function Cover({ row, px, fluid = false }: { row: number | null; px: number; fluid?: boolean }) {
  const picture = useThumb(row, px);
  const style = fluid ? undefined : { width: `${px}px`, height: `${px}px` };
  return (
    <span class={`sh-cover${fluid ? " sh-fluid" : ""}`} style={style}>
      {picture?.url && <img src={picture.url} alt="" draggable={false} />}
      {picture && !picture.url && <Icon name="broken" />}
    </span>
  );
}

/** Open a menu under `anchor`, or at a pointer. */
export function openMenu(
  store: ReturnType<typeof useStore>,
  at: Element | { clientX: number; clientY: number; target: EventTarget | null },
  title: string,
  items: MenuItem[],
): void {
  const element = at instanceof Element ? at : (at.target as Element);
  const root = element.closest(".shoal");
  if (!root) return;
  const frame = root.getBoundingClientRect();
  let x: number;
  let y: number;
  let alignRight = false;
  if (at instanceof Element) {
    const box = at.getBoundingClientRect();
    alignRight = box.left - frame.left > frame.width / 2;
    x = (alignRight ? box.right : box.left) - frame.left;
    y = box.bottom - frame.top + 4;
  } else {
    x = at.clientX - frame.left;
    y = at.clientY - frame.top;
  }
  const menu: Menu = { x, y, title, items, alignRight };
  store.ui.menu.value = menu;
}

/** A quiet text button with a ▾ that opens a menu. */
export function MenuButton({
  label,
  title,
  items,
  testid,
}: {
  label: string;
  title: string;
  items: () => MenuItem[];
  testid?: string;
}) {
  const store = useStore();
  const open = (event: MouseEvent) => openMenu(store, event.currentTarget as Element, title, items());
  return (
    <button
      type="button"
      class="sh-link"
      aria-haspopup="menu"
      title={title}
      data-testid={testid}
      onClick={open}
    >
      <span class="sh-link-text">{label}</span>
      <Icon name="down" />
    </button>
  );
}
