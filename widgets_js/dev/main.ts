/** The whole widget on a kernel that lives in the page: `?n=500&theme=light|dark&height=px&delay=ms&seed=`. */
import "../src/style/index.css";
import { h, render } from "preact";
import { FakeTransport } from "../src/protocol/fake/fake_transport";
import { Store } from "../src/state/store";
import { App } from "../src/views/app";

const query = new URLSearchParams(location.search);
const number = (name: string, fallback: number) => Number(query.get(name) ?? fallback);
const transport = new FakeTransport({
  n: number("n", 500),
  seed: number("seed", 7),
  delay: number("delay", 4),
});
const store = new Store(transport);
const theme = query.get("theme") ?? "auto";
document.documentElement.dataset.theme = theme;
document.body.style.background = theme === "dark" ? "#0e1014" : "#fff";

declare global {
  interface Window {
    /** For tests and for people who look around. */
    shoal: { store: Store; transport: FakeTransport };
  }
}
window.shoal = { store, transport };

const host = document.getElementById("widget");
if (host) {
  render(h(App, { store, theme: () => theme, height: number("height", window.innerHeight) }), host);
  store.open();
}
