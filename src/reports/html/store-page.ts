import { formatBytes } from "../../base/units.ts";
import type { Cell, Page } from "./blocks.ts";
import type { TreeNode } from "./pictures.ts";

/** What `apr du` knows of a store. */
export interface StoreView {
  readonly path: string;
  readonly realBytes: number;
  readonly sharedBytes: number;
  readonly savedBytes: number;
  readonly unnamedBytes: number;
  readonly unfinishedBytes: number;
  readonly tags: readonly {
    readonly tag: string;
    readonly sizeBytes: number;
    readonly sharedBytes: number;
  }[];
}

/** The page of a store: what is on the disk, by tag; what tags share stands once, as an area of its own. */
export function storePage(view: StoreView): Page {
  const { path, realBytes, savedBytes, sharedBytes, tags, unfinishedBytes, unnamedBytes } = view;
  const leaf = (name: string, value: number, note: string): TreeNode => ({ name, value, note, children: [] });
  const leaves = [
    ...tags.map(({ sharedBytes: shared, sizeBytes, tag }) =>
      leaf(tag, sizeBytes - shared, `its own; ${formatBytes(shared)} besides are shared`),
    ),
    leaf("shared by several tags", sharedBytes, "stands once on the disk"),
    leaf("named by no tag", unnamedBytes, "apr gc may free it"),
    leaf("unfinished transfers", unfinishedBytes, "apr transfers ls"),
  ]
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value);
  const total = leaves.reduce((sum, { value }) => sum + value, 0);
  const finding = `${tags.length} tags in ${formatBytes(realBytes)} on disk, ${formatBytes(savedBytes)} saved by sharing`;
  const columns = [{ title: "tag" }, { title: "size", numeric: true }, { title: "shared", numeric: true }];
  const rows = tags.map(({ sharedBytes: shared, sizeBytes, tag }): Cell[] => [
    tag,
    formatBytes(sizeBytes),
    formatBytes(shared),
  ]);
  const root = { name: path, value: total, children: leaves };
  const summary = `${finding}. Largest: ${leaves
    .slice(0, 3)
    .map(({ name, value }) => `${name} ${formatBytes(value)}`)
    .join(", ")}`;
  return {
    title: `store ${path}`,
    finding,
    verdict: "pass",
    blocks: [
      { kind: "picture", picture: { kind: "treemap", unit: "bytes", title: "On the disk", summary, root } },
      { kind: "table", caption: "Tags", columns, rows },
    ],
  };
}
