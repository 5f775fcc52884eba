/** A synthetic review for the dev page and the tests: clusters as blobs on a map, a few mixed ones, noise between them. */
import type { ClusterInfo } from "../messages";

export interface FakeReview {
  n: number;
  codes: Int32Array;
  xy: Float32Array;
  /** Which character each item truly shows: its picture is drawn from this. */
  truth: Int32Array;
  similarity: Float32Array;
  outlier: Float32Array;
  /** s */
  times: Float32Array;
  sharpness: Float32Array;
  probability: Float32Array;
  clusters: ClusterInfo[];
}

/** Small seeded generator (mulberry32): the same page for everybody. */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const NAMED = ["liz", "tony · night", "gargoyle", "ayumi", "bunny", "beret"];

export function makeReview(n: number, seed = 7): FakeReview {
  const random = seeded(seed);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const k = Math.max(2, Math.min(Math.round(Math.sqrt(n) * 0.8), 10_000));
  const centres = Array.from({ length: k }, () => [random() * 10, random() * 10] as const);
  const weights = Array.from({ length: k }, () => 0.4 + random() ** 2 * 2);
  const total = weights.reduce((a, b) => a + b, 0);
  const ends: number[] = [];
  weights.reduce((sum, w) => {
    ends.push((sum + w) / total);
    return sum + w;
  }, 0);
  const spread = 1.6 / Math.sqrt(k);
  const codes = new Int32Array(n);
  const truth = new Int32Array(n);
  const xy = new Float32Array(2 * n);
  const similarity = new Float32Array(n);
  const outlier = new Float32Array(n);
  const times = Float32Array.from({ length: n }, (_, i) => i / 4);
  const sharpness = new Float32Array(n);
  const probability = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const u = i / n; // film order: characters come in runs
    let t = ends.findIndex((e) => u < e);
    if (random() < 0.25) t = Math.floor(random() * k);
    if (t < 0) t = k - 1;
    const [cx, cy] = centres[t] as readonly [number, number];
    const dx = gauss() * spread;
    const dy = gauss() * spread;
    const away = Math.hypot(dx, dy) / spread;
    xy[2 * i] = cx + dx;
    xy[2 * i + 1] = cy + dy;
    truth[i] = t;
    const wrong = t % 7 === 3 && random() < 0.4 ? (t + 1) % k : t;
    codes[i] = away > 2.3 || random() < 0.02 ? -1 : wrong;
    probability[i] = codes[i] === -1 ? 0 : Math.max(0.05, 1 - away * 0.3);
    similarity[i] = wrong === t ? 0.95 - away * 0.1 : 0.4 + random() * 0.2;
    outlier[i] = wrong === t ? away * 0.6 : 4 + random() * 4;
    sharpness[i] = random();
  }
  return {
    n,
    codes,
    xy,
    truth,
    similarity,
    outlier,
    times,
    sharpness,
    probability,
    clusters: makeClusters(codes, k),
  };
}

function makeClusters(codes: Int32Array, k: number): ClusterInfo[] {
  const sizes = new Map<number, number>();
  const covers = new Map<number, number>();
  for (let i = 0; i < codes.length; i++) {
    const c = codes[i] as number;
    sizes.set(c, (sizes.get(c) ?? 0) + 1);
    if (!covers.has(c) || i % 5 === 0) covers.set(c, i);
  }
  const base = { description: "", tags: [] as string[], cohesion: null, reviewed: false };
  const list: ClusterInfo[] = [];
  for (let code = 0; code < k; code++) {
    const name = NAMED[code * 2 === 0 ? 0 : code % 3 === 1 ? (code - 1) / 3 + 1 : -1] ?? `character_${code}`;
    list.push({
      ...base,
      id: `c${code}`,
      code,
      kind: "cluster",
      name,
      description: name.startsWith("character_") ? "" : "A character of reel 2",
      tags: code % 5 === 0 ? ["hero"] : [],
      size: sizes.get(code) ?? 0,
      color: code,
      cover: covers.get(code) ?? null,
      reviewed: !name.startsWith("character_"),
      cohesion: code % 7 === 4 ? 0.5 + (code % 3) * 0.1 : 0.88 + (code % 10) / 100,
    });
  }
  const noise = { id: "noise", code: -1, kind: "noise" as const, name: "noise", color: 0 };
  list.push({ ...base, ...noise, size: sizes.get(-1) ?? 0, cover: covers.get(-1) ?? null });
  list.push({ ...base, id: "trash", code: -2, kind: "trash", name: "trash", color: 0, size: 0, cover: null });
  return list;
}
