/** State of one view that the kernel never hears of (but for the few settings in `prefs.ts`). */
import { type Signal, signal } from "@preact/signals";
import { KernelError } from "../protocol/messages";
import type { MapFilter } from "./map_filter";

export type Tool = "lasso" | "rect" | "brush" | "pan";
export type ClusterSort = "size" | "name" | "cohesion" | "color";
export type ReviewedFilter = "all" | "reviewed" | "open";
export type Width = "wide" | "medium" | "narrow";
export type Quality = "fast" | "normal" | "fine";

export type Dialog =
  | { kind: "move" }
  | { kind: "merge"; ids: readonly string[]; name?: string }
  | { kind: "name_taken"; id: string; other: string; name: string }
  | { kind: "split" }
  | { kind: "propose"; id: string }
  | { kind: "harvest" }
  | { kind: "recluster" }
  | { kind: "create" }
  | { kind: "describe"; id: string }
  | { kind: "tags"; target: "items" | "clusters"; ids: readonly string[] }
  | { kind: "caption" }
  | { kind: "delete"; id: string }
  | { kind: "save" }
  | { kind: "history" }
  | { kind: "help" }
  | { kind: "palette" }
  | { kind: "broken" }
  | { kind: "preview"; index: number; row: number }
  | { kind: "compare"; rows: readonly number[] };

export interface Toast {
  id: number;
  level: "done" | "info" | "warning" | "error";
  text: string;
  hint: string;
  /** Undo is offered while the history still stands at this cursor. */
  undoAt: number | null;
}

export interface MenuItem {
  label: string;
  /** Null shows a line. */
  run: (() => void) | null;
  keys?: string;
  checked?: boolean;
  disabled?: string | false;
  danger?: boolean;
}

export interface Menu {
  /** Relative to the widget's root, px. */
  x: number;
  y: number;
  title: string;
  items: MenuItem[];
  alignRight?: boolean;
}

export interface Drag {
  kind: "items" | "clusters";
  count: number;
  ids: readonly string[];
  x: number;
  y: number;
  over: string | null;
  cover: string | null;
}

/** Settings kept in the trait `view_state`. */
export interface Prefs {
  side: number;
  map: number;
  mapOpen: boolean;
  sideOpen: boolean;
  tool: Tool;
  thumb: number;
  quality: Quality;
  clusterSort: ClusterSort;
  sortColumn: string | null;
  sortDescending: boolean;
  colourBy: string | null;
}

export const DEFAULT_PREFS: Prefs = {
  side: 248,
  map: 372,
  mapOpen: true,
  sideOpen: true,
  tool: "lasso",
  thumb: 104,
  quality: "normal",
  clusterSort: "size",
  sortColumn: null,
  sortDescending: false,
  colourBy: null,
};

const TOAST_MS = 5_000;
const ERROR_MS = 12_000;
const RECENT = 9;

let views = 0;

export class UiState {
  /** Prefix of element ids: several views may be in one page. */
  readonly key = `shoal-${++views}`;
  readonly prefs: Signal<Prefs>;
  readonly width: Signal<Width> = signal<Width>("wide");
  readonly fullscreen = signal(false);
  readonly search = signal("");
  readonly reviewedFilter: Signal<ReviewedFilter> = signal<ReviewedFilter>("all");
  readonly tagFilter: Signal<string | null> = signal<string | null>(null);
  readonly leastSize = signal(0);
  readonly dialog: Signal<Dialog | null> = signal<Dialog | null>(null);
  readonly menu: Signal<Menu | null> = signal<Menu | null>(null);
  readonly toasts: Signal<readonly Toast[]> = signal<readonly Toast[]>([]);
  readonly drag: Signal<Drag | null> = signal<Drag | null>(null);
  /** Cluster being renamed in the sidebar. */
  readonly renaming: Signal<string | null> = signal<string | null>(null);
  /** Last clicked cluster, for Shift-click. */
  readonly clusterAnchor: Signal<string | null> = signal<string | null>(null);
  /** Card with the keyboard's focus, as an index over all cards shown; −1 none. */
  readonly active = signal(-1);
  /** Where a Shift-range starts. */
  readonly anchor = signal(-1);
  /** Last targets of moves, newest first. */
  readonly recent: Signal<readonly string[]> = signal<readonly string[]>([]);
  /** What the map shows of the points. */
  readonly mapFilter: Signal<MapFilter> = signal<MapFilter>(null);
  /** Cluster under the pointer in the list: it stands out on the map. */
  readonly pointed: Signal<string | null> = signal<string | null>(null);
  readonly working = signal(0);
  readonly themeVersion = signal(0);
  #toastCount = 0;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  constructor(prefs: Partial<Prefs> = {}) {
    this.prefs = signal<Prefs>({ ...DEFAULT_PREFS, ...prefs });
  }

  set(patch: Partial<Prefs>): void {
    this.prefs.value = { ...this.prefs.peek(), ...patch };
  }

  remember(target: string): void {
    this.recent.value = [target, ...this.recent.peek().filter((id) => id !== target)].slice(0, RECENT);
  }

  toast(toast: Partial<Toast> & { text: string }): number {
    const level = toast.level ?? "done";
    const same = this.toasts
      .peek()
      .find((t) => t.level === level && t.text === toast.text && level === "error");
    if (same) {
      this.hold(same.id, false);
      return same.id;
    }
    const id = ++this.#toastCount;
    const full: Toast = { hint: "", undoAt: null, ...toast, level, id };
    // Only the newest word about an edit matters; errors and warnings stay beside it.
    const passing = (l: Toast["level"]) => l === "done" || l === "info";
    const keep = this.toasts.peek().filter((t) => !passing(t.level) || !passing(level));
    this.toasts.value = [...keep, full].slice(-3);
    this.hold(id, false);
    return id;
  }

  /** Keep a toast while the pointer is on it; let it go a while after. */
  hold(id: number, held: boolean): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    const toast = this.toasts.peek().find((t) => t.id === id);
    if (held || !toast) return;
    const ms = toast.level === "error" ? ERROR_MS : TOAST_MS;
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), ms),
    );
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.toasts.value = this.toasts.peek().filter((t) => t.id !== id);
  }

  /** Show any failure: the kernel's words and hint, or the view's own exception. */
  readonly fail = (error: unknown): void => {
    if (error instanceof KernelError) {
      this.toast({ level: "error", text: error.message, hint: error.hint });
      return;
    }
    console.error("shoal:", error);
    const message = error instanceof Error ? error.message : String(error);
    this.toast({
      level: "error",
      text: message,
      hint: "This is a fault of the view. Your edits are kept by the kernel.",
    });
  };

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
