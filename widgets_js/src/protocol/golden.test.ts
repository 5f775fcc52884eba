/** The messages in tests/contract/golden, which Python validates too: both languages read the same files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { toCamel, toSnake } from "./camel";
import { decodeArray, decodeItemSet } from "./codec";
import { type ItemSet, readEvent, readReply } from "./messages";

const FOLDER = join(import.meta.dirname, "../../../tests/contract/golden");

interface Golden {
  message: Record<string, unknown>;
  /** Base64. */
  buffers: string[];
  /** Rows or values that the buffers hold, by the place in the payload ("items", "moved.0.items", "array"). */
  holds: Record<string, number[]>;
}

const files = readdirSync(FOLDER).filter((f) => f.endsWith(".json"));
const read = (file: string) => JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Golden;

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce((v, key) => (v as Record<string, unknown>)[key], value);
}

describe("golden messages", () => {
  it("are there", () => expect(files.length).toBeGreaterThan(15));

  it.each(files)("%s is read, holds what it says, and is written the same", (file) => {
    const { message, buffers, holds } = read(file);
    const bytes = buffers.map((b) => new Uint8Array(Buffer.from(b, "base64")));
    if (message.type === "reply") expect(readReply(message)).not.toBeNull();
    if (message.type === "event") expect(readEvent(message)).not.toBeNull();
    const camel = toCamel(message) as { payload: unknown };
    expect(toSnake(camel)).toEqual(message);
    for (const [path, wanted] of Object.entries(holds)) {
      const ref = at(camel.payload, path) as ItemSet;
      const got = "encoding" in ref ? decodeItemSet(ref, bytes) : decodeArray(ref, bytes);
      expect([...got]).toEqual(wanted);
    }
  });
});
