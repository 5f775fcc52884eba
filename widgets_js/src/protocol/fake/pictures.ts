/** Synthetic pictures: small SVG scenes, one character each, drawn from what the item truly shows. */
import { clusterColor } from "../../lib/palette";
import { seeded } from "./make_review";

const SKIES = [
  ["#9fc5e8", "#7ea86b"],
  ["#f2d5a0", "#b98a5a"],
  ["#3d4a6b", "#232b44"],
  ["#c9b4d9", "#7d8f69"],
  ["#b9d8c2", "#56785e"],
];

/** SVG of item `row`, showing character `truth`. */
export function sceneOf(row: number, truth: number, side: number): string {
  const random = seeded(row * 2654435761 + 11);
  const who = seeded(truth * 40503 + 3);
  const sky = SKIES[Math.floor((row / 40) % SKIES.length)] as string[];
  const wide = who() > 0.5;
  const body = clusterColor(truth);
  const head = 13 + who() * 8;
  const ears = who();
  const build = 16 + who() * 12;
  const x = 50 + (random() - 0.5) * 22;
  const y = 66 + (random() - 0.5) * 8;
  const lean = (random() - 0.5) * 16;
  const w = wide ? 120 : 100;
  const earY = -head * (ears > 0.5 ? 1.7 : 1.1);
  const ear = (s: number) =>
    `<ellipse cx="${s * head * 0.55}" cy="${earY}" rx="${head * 0.25}" ry="${head * (ears > 0.5 ? 0.8 : 0.35)}" fill="${body}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${Math.round((side * 100) / w)}" viewBox="0 0 ${w} 100">
<rect width="${w}" height="100" fill="${sky[0]}"/><rect y="${58 + random() * 10}" width="${w}" height="60" fill="${sky[1]}"/>
<circle cx="${random() * w}" cy="${18 + random() * 16}" r="${6 + random() * 8}" fill="#fff" opacity=".35"/>
<ellipse cx="${x}" cy="${y + build * 1.35}" rx="${build}" ry="4" fill="#000" opacity=".22"/>
<g transform="translate(${x} ${y}) rotate(${lean})"><path d="M${-build * 0.7} ${build * 1.3} Q${-build} ${-build * 0.2} 0 ${-build * 0.5} Q${build} ${-build * 0.2} ${build * 0.7} ${build * 1.3} Z" fill="${body}"/>
<path d="M${-build * 0.3} ${build * 1.3} V${build * 0.5} M${build * 0.3} ${build * 1.3} V${build * 0.5}" stroke="#000" opacity=".25" stroke-width="2"/>
<g transform="translate(0 ${-build * 0.5 - head * 0.6})">${ear(-1)}${ear(1)}<circle r="${head}" fill="${body}"/><circle r="${head}" fill="#fff" opacity=".18"/>
<circle cx="${-head * 0.35}" cy="-2" r="2.6" fill="#fff"/><circle cx="${head * 0.35}" cy="-2" r="2.6" fill="#fff"/><circle cx="${-head * 0.3}" cy="-2" r="1.3"/><circle cx="${head * 0.4}" cy="-2" r="1.3"/>
<path d="M${-head * 0.3} ${head * 0.4} Q0 ${head * 0.7} ${head * 0.3} ${head * 0.4}" stroke="#000" fill="none" stroke-width="1.4"/></g></g></svg>`;
}
