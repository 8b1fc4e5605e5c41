import { manifestsFolder, MANIFESTS_V2 } from "./layout.ts";
import { MAX_FOLDER_ENTRIES } from "./limits.ts";
import { formatRef, isSafeRef } from "./ref.ts";
import type { Store } from "./store.ts";

/** host, namespace, name */
const LEVELS = 3;

/** Names of all tags, sorted. No manifest is read, so some of them may be damaged. */
export async function tagNames(store: Store): Promise<string[]> {
  const names = new Set<string>();
  const waiting: { readonly folder: string; readonly parts: readonly string[] }[] = [
    { folder: manifestsFolder(store.root), parts: [] },
    { folder: `${store.root}/${MANIFESTS_V2}`, parts: [] },
  ];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const { folder, parts } = place;
    for (const { name, kind } of (await store.world.files.entries(folder, MAX_FOLDER_ENTRIES)) ?? []) {
      if (parts.length < LEVELS) {
        if (kind === "folder") waiting.push({ folder: `${folder}/${name}`, parts: [...parts, name] });
        continue;
      }
      const [host = "", namespace = "", model = ""] = parts;
      const ref = { host, namespace, name: model, tag: name };
      if (isSafeRef(ref)) names.add(formatRef(ref));
    }
  }
  return [...names].sort();
}
