/** Line icons on a 16 px grid. */
const PATHS = {
  undo: "M6 3 3 6l3 3M3 6h6a4 4 0 0 1 0 8H7",
  redo: "m10 3 3 3-3 3M13 6H7a4 4 0 0 0 0 8h2",
  move: "M2 8h11M9 4l4 4-4 4",
  merge: "M3 3c0 5 5 3 5 8v2M13 3c0 5-5 3-5 8",
  split: "M8 13V9C8 5 3 6 3 2M8 9c0-4 5-3 5-7",
  harvest: "M8 2v7M5 6l3 3 3-3M2.5 10v3.5h11V10",
  trash: "M3 4h10M6 4V2h4v2M5 4l.6 9h4.8L11 4",
  lasso: "M2.5 6a5.5 4 0 1 0 11 0a5.5 4 0 1 0-11 0M5 9.5c-1 1.5 0 3 1 4",
  brush:
    "M13 2.5 7 8.5M7 8.5c-2-.4-3.4.6-3.6 2.4-.1 1-.6 1.7-1.4 2.1 2.6.9 5.6.3 6.2-2.1.2-.9-.2-1.9-1.2-2.4z",
  pan: "M8 2v12M2 8h12M8 2 6 4m2-2 2 2M8 14l-2-2m2 2 2-2M2 8l2-2M2 8l2 2m10-2-2-2m2 2-2 2",
  fit: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  history: "M2.5 8a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0M8 5v3l2 1.5",
  full: "M9 3h4v4M7 13H3V9M13 3 9 7M3 13l4-4",
  small: "M13 7H9V3M3 9h4v4M9 7l4-4M7 9l-4 4",
  play: "M5 3.5v9l7-4.5z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  again: "M13 3v3.5H9.5M3 13V9.5h3.5M12.6 6.5A5 5 0 0 0 3.6 6M3.4 9.5a5 5 0 0 0 9 .5",
  queue: "M2.5 3h11v7h-6l-3 3v-3h-2zM6.8 5.6a1.3 1.3 0 1 1 1.8 1.2M8.2 8.3h.01",
  check: "m3 8 3.5 3.5L13 5",
  close: "m4 4 8 8M12 4l-8 8",
  down: "m4 6 4 4 4-4",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  search: "M3 7a4 4 0 1 0 8 0a4 4 0 1 0-8 0M10 10l3.5 3.5",
  filter: "M2 3.5h12M4.5 8h7M7 12.5h2",
  plus: "M8 3v10M3 8h10",
  back: "M13 8H3M7 4 3 8l4 4",
  tag: "M2.5 2.5h5l6 6-5 5-6-6zM5.4 5.4h.01",
  sort: "M5 3v10M5 13l-2.5-2.5M5 13l2.5-2.5M9 4h5M9 8h3.5M9 12h2",
  panel: "M2.5 3h11v10h-11zM10 3v10",
  broken: "M2.5 3h11v10h-11zM2.5 10.5 6 7l2 2M11 9l2.5 2.5M10 3 7.5 7l2 1.5L8 13",
  warn: "M8 2.5 14 13H2zM8 6.5v3M8 11.3h.01",
  left: "m10 3-5 5 5 5",
  right: "m6 3 5 5-5 5",
  help: "M5.8 6a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.5M8 12h.01",
} as const;

export type IconName = keyof typeof PATHS | "rect";

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="sh-icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {name === "rect" ? (
        <rect x="3" y="4" width="10" height="8" stroke-dasharray="2 2" />
      ) : (
        <path d={PATHS[name]} />
      )}
    </svg>
  );
}
