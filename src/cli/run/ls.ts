import { EXIT } from "../../base/errors.ts";
import { type JsonObject, stringifyJson } from "../../base/json.ts";
import { formatBytes, formatDuration } from "../../base/units.ts";
import { type Listed, listTags } from "../../store/list.ts";
import { nodeClock } from "../../world/node/time.ts";
import type { Run } from "../context.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { readableStore } from "../store/open.ts";
import { table } from "../store/table.ts";

export interface LsFlags extends StoreFlags {}

export const run: Run<LsFlags, []> = async (context, flags) => {
  const store = await readableStore(context, flags);
  const listed = store === null ? [] : await listTags(store);
  if (flags.json) context.out(`${stringifyJson(listed.map(listedJson))}\n`);
  else if (listed.length === 0) context.out("  no models yet; apr import FILE brings one in\n");
  else context.out(table([HEAD, ...listed.map(row)], [2]));
  return EXIT.ok;
};

const HEAD = ["TAG", "DIGEST", "SIZE", "FORMAT", "ARCHITECTURE", "QUANTIZATION", "PARAMETERS", "AGE"];

export function listedJson(item: Listed): JsonObject {
  if (item.kind === "unreadable") return { tag: item.tag, path: item.path, unreadable: item.why };
  const { format, family, quantization, parameters } = item.summary;
  return {
    tag: item.tag,
    digest: item.digest,
    size: item.sizeBytes,
    format,
    architecture: family,
    quantization,
    parameters,
    modified: new Date(item.modifiedMs).toISOString(),
  };
}

function row(item: Listed): string[] {
  if (item.kind === "unreadable") return [item.tag ?? item.path, "unreadable", "", item.why];
  const { format, family, quantization, parameters } = item.summary;
  const facts = [format, family, quantization, parameters].map((word) => word ?? "-");
  const age = formatDuration(Math.max(0, nodeClock.wallMs() - item.modifiedMs));
  return [item.tag, item.digest.slice(7, 19), formatBytes(item.sizeBytes), ...facts, age];
}
