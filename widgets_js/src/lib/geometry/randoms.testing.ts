/** A small seeded generator for tests: uniform in [0, 1), the same on every machine (mulberry32). */
export function randoms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** `n` points in `k` round clumps over [0, 100) × [0, 60), with a share of places missing. */
export function clumps(
  n: number,
  k: number,
  seed: number,
  missing = 0,
): { x: Float32Array; y: Float32Array } {
  const random = randoms(seed);
  const centres = Array.from({ length: k }, () => [random() * 100, random() * 60] as const);
  const x = new Float32Array(n);
  const y = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const centre = centres[i % k] as readonly [number, number];
    const radius = Math.sqrt(-2 * Math.log(1 - random())) * 2;
    const angle = random() * 2 * Math.PI;
    x[i] = random() < missing ? Number.NaN : centre[0] + radius * Math.cos(angle);
    y[i] = centre[1] + radius * Math.sin(angle);
  }
  return { x, y };
}
