// Bundles each widget into one ES module and one style sheet under src/shoal/widgets/static/. `--watch` builds on change,
// `--out DIR` builds elsewhere, `--dev` builds the dev page's bundle too (not minified).

import { mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const flag = (name) => process.argv.includes(name);
const value = (name) => (flag(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const outdir = resolve(here, value("--out") ?? "../src/shoal/widgets/static");
mkdirSync(outdir, { recursive: true });

const report = {
  name: "report",
  setup(plugin) {
    plugin.onEnd((result) => {
      if (result.errors.length > 0) return;
      for (const name of ["browser.js", "browser.css", "queue.js", "queue.css", "page.js"]) {
        const file = join(outdir, name);
        const gz = gzipSync(readFileSync(file), { level: 9 }).length;
        console.log(
          `${name}: ${(statSync(file).size / 1024).toFixed(1)} KiB, ${(gz / 1024).toFixed(1)} KiB gzip`,
        );
      }
    });
  },
};

// The licences ask that these lines go with every copy; the whole text is in src/shoal/NOTICE.txt.
const notice =
  "/*! shoal, MIT. With preact (c) 2015-present Jason Miller and @preact/signals (c) 2022-present Preact Team, " +
  "MIT: https://opensource.org/license/mit */";

const options = {
  entryPoints: [
    join(here, "src/entry/browser.ts"),
    join(here, "src/entry/queue.ts"),
    join(here, "src/entry/page.ts"),
  ],
  outdir,
  bundle: true,
  format: "esm",
  target: ["es2022"],
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: !flag("--dev"),
  legalComments: "none",
  banner: { js: notice },
  charset: "utf8",
  logLevel: "info",
  plugins: [report],
};

if (flag("--watch")) {
  const ctx = await context(options);
  await ctx.watch();
} else {
  await build(options);
}
