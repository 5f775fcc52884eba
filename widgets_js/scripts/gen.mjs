// Generates src/protocol/messages.gen.ts from the JSON Schema of shoal.widgets.protocol.
// `npm run gen` asks Python (env PYTHON, else python3) for the schema; `npm run gen -- --stdin` reads it; `--check` compares only.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const target = join(here, "..", "src", "protocol", "messages.gen.ts");

function readSchema() {
  if (process.argv.includes("--stdin")) return readFileSync(0, "utf8");
  const python = process.env.PYTHON ?? "python3";
  const env = { ...process.env, PYTHONPATH: join(root, "src") };
  return execFileSync(python, ["-m", "shoal.widgets.protocol"], { cwd: root, env, encoding: "utf8" });
}

/** Titles of fields would become type aliases of their own; only the models' names are wanted. */
function dropFieldTitles(node, depth = 0) {
  if (Array.isArray(node)) return node.map((n) => dropFieldTitles(n, depth + 1));
  if (node === null || typeof node !== "object") return node;
  const out = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "title" && typeof value === "string") continue;
    if (key === "discriminator") continue;
    if (key === "prefixItems") {
      // The generator knows tuples by their older spelling.
      out.items = dropFieldTitles(value, depth + 1);
      out.additionalItems = false;
      continue;
    }
    out[key] = dropFieldTitles(value, depth + 1);
  }
  return out;
}

/** A field with a constant or default value is always on the wire: the types say so. */
function requireConstants(defs) {
  for (const def of Object.values(defs)) {
    if (def.type !== "object" || !def.properties) continue;
    const consts = Object.entries(def.properties)
      .filter(([, p]) => "const" in p)
      .map(([k]) => k);
    def.required = [...new Set([...(def.required ?? []), ...consts])].sort();
  }
}

const schema = dropFieldTitles(JSON.parse(readSchema()));
requireConstants(schema.$defs);
const names = Object.keys(schema.$defs).sort();
const wrapped = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  additionalProperties: false,
  required: names,
  properties: Object.fromEntries(names.map((n) => [n, { $ref: `#/definitions/${n}` }])),
  definitions: schema.$defs,
};
const text = JSON.stringify(wrapped).replaceAll("#/$defs/", "#/definitions/");
const body = await compile(JSON.parse(text), "AllMessages", {
  bannerComment:
    "// Generated from src/shoal/widgets/protocol by `npm run gen`. Do not edit.\n/* eslint-disable */",
  additionalProperties: false,
  style: { printWidth: 110 },
});
if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== body) {
    console.error("messages.gen.ts is stale: run `npm run gen`");
    process.exit(1);
  }
} else {
  writeFileSync(target, body);
  console.log(`wrote ${target}`);
}
