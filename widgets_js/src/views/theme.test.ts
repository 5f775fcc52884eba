import { afterEach, describe, expect, it, vi } from "vitest";
import { hostTheme, watchTheme } from "./theme";

afterEach(() => {
  delete document.body.dataset.jpThemeLight;
  delete document.body.dataset.vscodeThemeKind;
  delete document.documentElement.dataset.theme;
  document.body.className = "";
});

describe("theme", () => {
  it("is the host's, whichever host it is", () => {
    document.body.dataset.jpThemeLight = "false";
    expect(hostTheme()).toBe("dark");
    document.body.dataset.jpThemeLight = "true";
    expect(hostTheme()).toBe("light");
    delete document.body.dataset.jpThemeLight;
    document.body.dataset.vscodeThemeKind = "vscode-dark";
    expect(hostTheme()).toBe("dark");
    document.body.dataset.vscodeThemeKind = "vscode-high-contrast-light";
    expect(hostTheme()).toBe("light");
    delete document.body.dataset.vscodeThemeKind;
    document.body.className = "dark";
    expect(hostTheme()).toBe("dark");
  });

  it("of the trait wins, and the host's colours are used only when they are of that theme", async () => {
    const root = document.createElement("div");
    document.body.append(root);
    root.style.setProperty("--jp-layout-color1", "#fff");
    let wanted = "auto";
    const changed = vi.fn();
    document.body.dataset.jpThemeLight = "true";
    const stop = watchTheme(root, () => wanted, changed);
    expect([root.dataset.theme, root.dataset.host]).toEqual(["light", "jupyter"]);
    wanted = "dark";
    root.dispatchEvent(new CustomEvent("shoal:theme"));
    expect([root.dataset.theme, root.dataset.host]).toEqual(["dark", "plain"]);
    wanted = "auto";
    document.body.dataset.jpThemeLight = "false";
    await new Promise((done) => setTimeout(done, 10));
    expect([root.dataset.theme, root.dataset.host]).toEqual(["dark", "jupyter"]);
    const calls = changed.mock.calls.length;
    stop();
    root.dispatchEvent(new CustomEvent("shoal:theme"));
    expect(changed.mock.calls.length).toBe(calls);
    root.remove();
  });
});
