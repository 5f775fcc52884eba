// Serves the dev pages and builds them on each change: `node dev/serve.mjs [--port 8123]`, then open /dev/index.html?n=500.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { context } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const port = process.argv.includes("--port")
  ? Number(process.argv[process.argv.indexOf("--port") + 1])
  : 8123;
const ctx = await context({
  entryPoints: [join(root, "dev/main.ts")],
  outdir: join(root, "dev"),
  bundle: true,
  format: "esm",
  target: ["es2022"],
  jsx: "automatic",
  jsxImportSource: "preact",
  sourcemap: "inline",
  write: false,
});
const server = await ctx.serve({ servedir: root, port, host: "127.0.0.1" });
console.log(`http://127.0.0.1:${server.port}/dev/index.html?n=500`);
