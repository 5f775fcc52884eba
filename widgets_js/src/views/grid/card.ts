/** One card of the grid: made once, bound to one row after another. Plain DOM, for it is the hot path. */
import { visible } from "../../lib/text";
import type { Mark } from "../../state/marks";
import type { Picture, Thumbs } from "../../state/thumbs";

let count = 0;

function part(tag: string, name: string, parent: HTMLElement): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  parent.append(element);
  return element;
}

const WORDS: Record<string, string | undefined> = {
  odd: "Less like its cluster than nearly all of the others",
  unsure: "It may not belong here: its membership probability is low",
};
const REJECTED = "Rejected before clustering; restore it with Shift+Delete, or drag it to a cluster";

const CHECK = "m3 8 3.5 3.5L13 5";

function makeTick(parent: HTMLElement): void {
  const tick = part("span", "sh-tick", parent);
  tick.setAttribute("aria-hidden", "true");
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  const path = document.createElementNS(ns, "path");
  path.setAttribute("d", CHECK);
  svg.append(path);
  tick.append(svg);
}

export class Card {
  readonly element: HTMLElement;
  readonly #img: HTMLImageElement;
  readonly #caption: HTMLElement;
  readonly #note: HTMLElement;
  readonly #flag: HTMLElement;
  #release: (() => void) | null = null;
  #side = 0;
  #pending = false;
  #mark: Mark = null;
  row = -1;
  index = -1;

  constructor(
    readonly thumbs: Thumbs,
    readonly onPicture: () => void,
  ) {
    const element = document.createElement("div");
    element.className = "sh-card";
    element.id = `sh-card-${++count}`;
    element.setAttribute("role", "option");
    element.dataset.testid = "card";
    this.element = element;
    this.#img = document.createElement("img");
    this.#img.alt = "";
    this.#img.draggable = false;
    this.#img.decoding = "async";
    element.append(this.#img);
    this.#note = part("span", "sh-broken", element);
    makeTick(element);
    this.#flag = part("span", "sh-flag", element);
    this.#caption = part("span", "sh-cap", element);
  }

  get pending(): boolean {
    return this.#pending;
  }

  bind(row: number, side: number): void {
    if (row === this.row && side === this.#side) return;
    const other = row !== this.row || this.#side === 0;
    this.#take(row, side);
    if (other) this.#show(this.thumbs.peek(row, side) ?? null);
    this.#release = this.thumbs.want(row, side, (picture) => {
      const late = this.#pending && this.#release !== null;
      this.#pending = false;
      this.#show(picture);
      if (late) this.onPicture();
    });
  }

  /** Stand for a row without its picture, until it is bound. */
  hold(row: number): void {
    if (row === this.row) return;
    this.#take(row, 0);
    this.#show(null);
  }

  #take(row: number, side: number): void {
    this.#release?.();
    this.#release = null;
    this.#pending = true;
    this.#side = side;
    if (row === this.row) return;
    this.row = row;
    this.element.dataset.row = String(row);
    this.caption("");
    this.#img.alt = `Item ${row + 1}`;
  }

  #show(picture: Picture | null): void {
    if (picture?.url) {
      if (this.#img.src !== picture.url) this.#img.src = picture.url;
      this.#img.style.display = "";
    } else {
      this.#img.removeAttribute("src");
      this.#img.style.display = "none";
    }
    const broken = picture !== null && picture.url === null;
    this.element.classList.toggle("sh-is-broken", broken);
    this.#note.textContent = broken ? `cannot be shown: ${visible(picture.reason ?? "")}` : "";
  }

  /** x, y within the layer, px. */
  place(index: number, x: number, y: number, cell: number, total: number): void {
    if (index !== this.index) {
      this.index = index;
      this.element.setAttribute("aria-posinset", String(index + 1));
      this.element.setAttribute("aria-setsize", String(total));
    }
    const { style } = this.element;
    style.transform = `translate(${x}px,${y}px)`;
    const side = `${cell}px`;
    if (style.width !== side) {
      style.width = side;
      style.height = side;
    }
  }

  mark(selected: boolean, active: boolean, flag: Mark): void {
    const { element } = this;
    element.classList.toggle("sh-sel", selected);
    element.classList.toggle("sh-active", active);
    if (this.#mark !== flag) {
      this.#mark = flag;
      element.classList.toggle("sh-flagged", flag !== null);
      this.#flag.textContent = visible(flag ?? "");
      this.#flag.title = flag ? (WORDS[flag] ?? REJECTED) : "";
    }
    const value = selected ? "true" : "false";
    if (element.getAttribute("aria-selected") !== value) element.setAttribute("aria-selected", value);
  }

  caption(text: string): void {
    const shown = visible(text);
    if (this.#caption.textContent !== shown) this.#caption.textContent = shown;
    this.element.classList.toggle("sh-has-cap", shown !== "");
    if (shown) this.#img.alt = shown;
  }

  /** Give the thumbnail back; the card may be bound again. */
  release(): void {
    this.#release?.();
    this.#release = null;
    this.#pending = false;
    this.row = -1;
    this.index = -1;
  }
}
