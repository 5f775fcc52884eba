/** Words and numbers as people read them. Nothing here makes markup: all text is shown as text. */

const SYMBOLS: Record<string, string> = { "\n": "⏎", "\r": "␍", "\t": "⇥", "\u007f": "␡" };
// C0 and C1 controls, zero-width characters, and the controls of writing direction.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u061c]/g;

/** A name with every control, zero-width or direction character replaced by a visible symbol. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (c) => {
    const known = SYMBOLS[c];
    if (known) return known;
    const code = c.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "�";
  });
}

const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 12,345. */
export const grouped = (n: number): string => GROUPED.format(n);

/** "1 item", "2 items". */
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${grouped(n)} ${n === 1 ? one : many}`;

/** Share as a percentage with one decimal below 10 %. */
export function percent(share: number): string {
  const p = 100 * share;
  return `${p > 0 && p < 10 ? p.toFixed(1) : p.toFixed(0)} %`;
}

/** 1.2 kB, 3.4 MB. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = n;
  let unit = -1;
  do {
    value /= 1000;
    unit++;
  } while (value >= 999.5 && unit < units.length - 1);
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}

/** "6 min", "2 h 05 min". */
export function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.floor(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** An ISO time as "14:05" today, with the date else. */
export function clock(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return at.toDateString() === now.toDateString() ? time : `${at.toLocaleDateString("en-CA")} ${time}`;
}

const FOLD = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Natural order: character_2 before character_10. */
export const byName = (a: string, b: string): number => FOLD.compare(a, b);

/** True when every word of the query is in one of the texts, case folded. */
export function matches(query: string, ...texts: string[]): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const hay = texts.join("\n").toLowerCase();
  return words.every((w) => hay.includes(w));
}

/** How well a name fits a typed query: 0 no match, higher is better (whole, start, word start, inside). */
export function rank(query: string, name: string): number {
  const q = query.trim().toLowerCase();
  const n = name.toLowerCase();
  if (q === "") return 1;
  if (n === q) return 5;
  if (n.startsWith(q)) return 4;
  if (n.split(/[\s_\-·.]+/).some((w) => w.startsWith(q))) return 3;
  return matches(q, n) ? 2 : 0;
}

/** First of `stem_1`, `stem_2`, … that is not taken (case folded). */
export function freeName(stem: string, taken: Iterable<string>): string {
  const used = new Set([...taken].map((t) => t.toLowerCase()));
  let n = 1;
  while (used.has(`${stem}_${n}`.toLowerCase())) n++;
  return `${stem}_${n}`;
}

/** First of `stem_2`, `stem_3`, … that is not taken (case folded); `also` are taken too. */
export function nextName(stem: string, taken: Iterable<string>, also: readonly string[] = []): string {
  const used = new Set([...taken, ...also].map((t) => t.toLowerCase()));
  let n = 2;
  while (used.has(`${stem}_${n}`.toLowerCase())) n++;
  return `${stem}_${n}`;
}

/** Seconds as "1:02.50" or "1:02:03.50". */
export function timecode(seconds: number): string {
  const hundredths = Math.max(0, Math.round(100 * seconds));
  const two = (x: number) => String(x).padStart(2, "0");
  const s = Math.floor(hundredths / 100);
  const tail = `${two(s % 60)}.${two(hundredths % 100)}`;
  return s >= 3600
    ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${tail}`
    : `${Math.floor(s / 60)}:${tail}`;
}
