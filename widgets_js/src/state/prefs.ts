/** The trait `view_state`: small settings, latest wins. On the wire in snake_case, read with care: it may be of any age. */
import { toCamel, toSnake } from "../protocol/camel";
import { DEFAULT_PREFS, type Prefs } from "./ui_state";

const ONE_OF: { [K in keyof Prefs]?: readonly Prefs[K][] } = {
  tool: ["lasso", "rect", "brush", "pan"],
  clusterSort: ["size", "name", "cohesion", "color"],
  quality: ["fast", "normal", "fine"],
};
const BETWEEN: { [K in keyof Prefs]?: readonly [number, number] } = {
  side: [160, 520],
  map: [200, 1200],
  thumb: [48, 512],
};

/** The settings in `raw` that are known and valid. */
export function readPrefs(raw: unknown): Partial<Prefs> {
  const given = toCamel(raw);
  if (typeof given !== "object" || given === null) return {};
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    if (!(key in DEFAULT_PREFS)) continue;
    const name = key as keyof Prefs;
    const fallback = DEFAULT_PREFS[name];
    const nullable = name === "sortColumn" || name === "colourBy";
    if (nullable ? value !== null && typeof value !== "string" : typeof value !== typeof fallback) continue;
    const choices = ONE_OF[name] as readonly unknown[] | undefined;
    if (choices && !choices.includes(value)) continue;
    const range = BETWEEN[name];
    if (range && !((value as number) >= range[0] && (value as number) <= range[1])) continue;
    out[name] = value;
  }
  return out as Partial<Prefs>;
}

export const writePrefs = (prefs: Prefs): Record<string, unknown> =>
  toSnake(prefs) as Record<string, unknown>;
