/** The browser on a stand-alone page: the review is in the page itself, and edits leave it as a file. */
import { h, render } from "preact";
import type { PageData } from "../protocol/page/page_data";
import { PageTransport } from "../protocol/page/page_transport";
import { Store } from "../state/store";
import { App } from "../views/app";

function handOut(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const source = document.getElementById("shoal-data")?.textContent;
const host = document.getElementById("shoal-page");
if (source && host) {
  const data = JSON.parse(source) as PageData;
  const transport = new PageTransport(data, handOut);
  const store = new Store(transport);
  const paint = () =>
    render(h(App, { store, theme: () => "auto", height: Math.max(420, window.innerHeight) }), host);
  window.addEventListener("resize", paint);
  window.addEventListener("beforeunload", (e) => {
    // The edits are only in the page: closing it before an export would lose them.
    if (transport.kernel.historyState().unsaved > 0) e.preventDefault();
  });
  paint();
  store.open();
}
