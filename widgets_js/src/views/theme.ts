/** Light or dark: what the trait says, else what the host says (JupyterLab, VS Code, marimo), else what the system says. */

/** The theme of the page around the widget. */
export function hostTheme(doc: Document = document): "light" | "dark" {
  const { body, documentElement: html } = doc;
  const jp = body.dataset.jpThemeLight ?? html.dataset.jpThemeLight;
  if (jp !== undefined) return jp === "false" ? "dark" : "light";
  const vscode = body.dataset.vscodeThemeKind;
  if (vscode !== undefined) return /dark|high-contrast$/.test(vscode) ? "dark" : "light";
  const named = html.dataset.theme ?? body.dataset.theme;
  if (named === "dark" || html.classList.contains("dark") || body.classList.contains("dark")) return "dark";
  if (named === "light") return "light";
  return globalThis.matchMedia?.("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Keep `data-theme` and `data-host` of the root right; calls `changed` after each change. Returns the way to stop. */
export function watchTheme(root: HTMLElement, wanted: () => string, changed: () => void): () => void {
  const apply = () => {
    const host = hostTheme();
    const want = wanted();
    const theme = want === "light" || want === "dark" ? want : host;
    // The host's own variables are used only when they are of the theme that is shown.
    const uses =
      theme === host && getComputedStyle(root).getPropertyValue("--jp-layout-color1").trim() !== "";
    root.dataset.theme = theme;
    root.dataset.host = uses ? "jupyter" : "plain";
    changed();
  };
  apply();
  const observer = new MutationObserver(apply);
  const attributes = [
    "data-jp-theme-light",
    "data-jp-theme-name",
    "data-theme",
    "class",
    "data-vscode-theme-kind",
  ];
  for (const node of [document.documentElement, document.body])
    observer.observe(node, { attributeFilter: attributes });
  const media = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
  media?.addEventListener("change", apply);
  root.addEventListener("shoal:theme", apply);
  return () => {
    observer.disconnect();
    media?.removeEventListener("change", apply);
    root.removeEventListener("shoal:theme", apply);
  };
}
