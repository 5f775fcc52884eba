/** Which action a key means. One table feeds the handler, the buttons' labels, the palette and the help sheet. */

export type KeyAction =
  | "select_all"
  | "undo"
  | "redo"
  | "save"
  | "to_noise"
  | "move"
  | "merge"
  | "split"
  | "propose"
  | "harvest"
  | "queue"
  | "recluster"
  | "replay"
  | "rename"
  | "search"
  | "preview"
  | "help"
  | "palette"
  | "compare"
  | "reviewed"
  | "history"
  | "fullscreen"
  | "next_cluster"
  | "previous_cluster"
  | "escape"
  | "trash"
  | "tag";

interface Binding {
  action: KeyAction;
  /** Shown form, "Ctrl" standing for Cmd on a Mac. */
  keys: string[];
  title: string;
}

export const BINDINGS: readonly Binding[] = [
  { action: "select_all", keys: ["Ctrl+A"], title: "Select all items shown" },
  { action: "undo", keys: ["Ctrl+Z"], title: "Undo" },
  { action: "redo", keys: ["Ctrl+Y", "Ctrl+Shift+Z"], title: "Redo" },
  { action: "save", keys: ["Ctrl+S"], title: "Save to disk" },
  { action: "move", keys: ["M"], title: "Move the selected items to a cluster" },
  { action: "merge", keys: ["G"], title: "Merge the chosen clusters" },
  { action: "split", keys: ["S"], title: "Split the selected items off into a new cluster" },
  { action: "propose", keys: ["Shift+S"], title: "Propose how the cluster comes apart" },
  { action: "harvest", keys: ["N"], title: "Bring noise home: the nearest cluster of each item" },
  { action: "queue", keys: ["Q"], title: "Review queue: what is worth asking, one key an answer" },
  { action: "recluster", keys: ["Shift+R"], title: "Cluster again: what would change, before it is taken" },
  { action: "to_noise", keys: ["Delete", "Backspace"], title: "Send the selected items to noise" },
  {
    action: "trash",
    keys: ["Shift+Delete"],
    title: "Put the selected items into the trash; there, restore them",
  },
  { action: "rename", keys: ["F2"], title: "Rename the cluster" },
  { action: "reviewed", keys: ["R"], title: "Mark the cluster as reviewed, or not" },
  { action: "tag", keys: ["T"], title: "Tag the selected items" },
  { action: "next_cluster", keys: ["]"], title: "Next cluster" },
  { action: "previous_cluster", keys: ["["], title: "Previous cluster" },
  { action: "preview", keys: ["Space"], title: "Show the picture large" },
  { action: "compare", keys: ["C"], title: "Compare 2 to 4 selected items side by side" },
  { action: "search", keys: ["/"], title: "Find clusters" },
  { action: "palette", keys: ["Ctrl+K"], title: "All commands" },
  { action: "history", keys: ["H"], title: "History" },
  { action: "replay", keys: ["Shift+H"], title: "Play the history back" },
  { action: "fullscreen", keys: ["F"], title: "Full screen" },
  { action: "help", keys: ["?"], title: "Keys and gestures" },
  { action: "escape", keys: ["Esc"], title: "Close, clear the selection" },
];

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

const NAMES: Record<string, string> = { " ": "Space", Escape: "Esc" };

/** "Ctrl+Shift+Z" of a key press; Cmd counts as Ctrl, Shift is left out where the character already says it. */
export function chordOf(press: KeyPress): string {
  let key = NAMES[press.key] ?? press.key;
  const letter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
  if (letter) key = key.toUpperCase();
  const parts: string[] = [];
  if (press.ctrlKey || press.metaKey) parts.push("Ctrl");
  if (press.altKey) parts.push("Alt");
  if (press.shiftKey && (letter || key.length > 1)) parts.push("Shift");
  return [...parts, key].join("+");
}

const BY_CHORD = new Map(BINDINGS.flatMap((b) => b.keys.map((k) => [k, b.action] as const)));

/** The action of a key press, or null. */
export const actionOf = (press: KeyPress): KeyAction | null => BY_CHORD.get(chordOf(press)) ?? null;

/** Shown keys of an action. */
export const keysOf = (action: KeyAction): string[] => BINDINGS.find((b) => b.action === action)?.keys ?? [];

/** True where typing belongs to the field, not to the widget's keys. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !["checkbox", "radio", "range", "button"].includes(target.type);
  return (
    target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
  );
}
