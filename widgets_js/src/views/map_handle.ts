/** The mounted map of a store, for commands that look at something. */
import type { Store } from "../state/store";

export interface MapHandle {
  fit(rows?: Uint32Array): void;
}

const maps = new WeakMap<Store, MapHandle>();
export const mapOf = (store: Store): MapHandle | undefined => maps.get(store);
export function setMap(store: Store, handle: MapHandle | null): void {
  if (handle) maps.set(store, handle);
  else maps.delete(store);
}
