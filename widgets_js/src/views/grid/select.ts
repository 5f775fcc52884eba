/** Selection by clicks and arrow keys: an anchor, a focused card, ranges in the order shown. */
import type { Store } from "../../state/store";

/** Click semantics: plain = this one, Ctrl = toggle, Shift = from the anchor to here. */
export function selectCard(store: Store, index: number, mods: { shift: boolean; ctrl: boolean }): void {
  const { kernel, shown, ui } = store;
  const row = shown.rowAt(index);
  if (row < 0) return;
  if (mods.shift && ui.anchor.peek() >= 0) {
    const from = Math.min(ui.anchor.peek(), index);
    const to = Math.max(ui.anchor.peek(), index) + 1;
    kernel.selection.apply(shown.rowsIn([[from, to]]), mods.ctrl ? "add" : "replace");
  } else {
    if (mods.ctrl) kernel.selection.toggle(row);
    else kernel.selection.apply(Uint32Array.of(row), "replace");
    ui.anchor.value = index;
  }
  ui.active.value = index;
}

/** Arrow keys: move the focus; with Shift the range grows. */
export function moveFocus(store: Store, to: number, extend: boolean): void {
  const { kernel, shown, ui } = store;
  if (to < 0 || to >= shown.total.peek()) return;
  if (extend) {
    if (ui.anchor.peek() < 0) ui.anchor.value = Math.max(0, ui.active.peek());
    selectCard(store, to, { shift: true, ctrl: false });
  } else {
    kernel.selection.apply(Uint32Array.of(shown.rowAt(to)), "replace");
    ui.anchor.value = to;
    ui.active.value = to;
  }
}
