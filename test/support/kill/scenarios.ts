import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tinyGguf } from "../gguf.ts";
import { runEntry } from "./entry.ts";

/** Where everything of one run lies. */
export interface Place {
  readonly folder: string;
  readonly store: string;
  readonly model: string;
  readonly out: string;
}

export interface Scenario {
  readonly name: string;
  /** Makes the state before the command; runs once, in a template that is copied for every run. */
  readonly prepare: (place: Place) => Promise<void>;
  readonly args: (place: Place) => string[];
  /** True when the command's whole effect is there. */
  readonly complete: (place: Place) => boolean;
  /** Exit codes of a second run that say that the first one had already done everything. */
  readonly doneCodes: readonly number[];
}

const MODEL = tinyGguf(64 * 1024, "kill");
const OTHER = tinyGguf(32 * 1024, "other");
const digest = createHash("sha256").update(MODEL).digest("hex");

export function placeAt(folder: string): Place {
  return { folder, store: `${folder}/store`, model: `${folder}/model.gguf`, out: `${folder}/out.gguf` };
}

async function must(args: readonly string[], place: Place): Promise<void> {
  const { code, stderr } = await runEntry(args, { APR_MODELS: place.store });
  if (code !== 0) throw new Error(`apr ${args.join(" ")}: ${stderr}`);
}

async function withTags(place: Place, ...tags: readonly string[]): Promise<void> {
  mkdirSync(place.folder, { recursive: true });
  writeFileSync(place.model, MODEL);
  writeFileSync(`${place.folder}/other.gguf`, OTHER);
  for (const tag of tags) {
    await must(["import", tag === "other" ? `${place.folder}/other.gguf` : place.model, "--as", tag], place);
  }
}

function tagThere({ store }: Place, name: string): boolean {
  return existsSync(`${store}/manifests/registry.ollama.ai/library/${name}/latest`);
}

function blobThere({ store }: Place): boolean {
  return existsSync(`${store}/blobs/sha256-${digest}`);
}

function outIsWhole({ out }: Place): boolean {
  return existsSync(out) && MODEL.equals(readFileSync(out));
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "import",
    prepare: (place) => withTags(place, "other"),
    args: ({ model }) => ["import", model, "--as", "new"],
    complete: (place) => tagThere(place, "new") && blobThere(place),
    doneCodes: [],
  },
  {
    name: "import into no store",
    prepare: (place) => withTags(place),
    args: ({ model }) => ["import", model, "--as", "new"],
    complete: (place) => tagThere(place, "new") && blobThere(place),
    doneCodes: [],
  },
  {
    name: "import --link",
    prepare: (place) => withTags(place, "other"),
    args: ({ model }) => ["import", model, "--as", "new", "--link"],
    complete: (place) => tagThere(place, "new") && blobThere(place),
    doneCodes: [],
  },
  {
    name: "cp",
    prepare: (place) => withTags(place, "a", "other"),
    args: () => ["cp", "a", "b"],
    complete: (place) => tagThere(place, "a") && tagThere(place, "b"),
    // The contract asks for it: a tag that is there is never copied over.
    doneCodes: [5],
  },
  {
    name: "rm",
    prepare: (place) => withTags(place, "a", "other"),
    args: () => ["rm", "a"],
    complete: (place) => !tagThere(place, "a") && tagThere(place, "other"),
    doneCodes: [3],
  },
  {
    name: "gc",
    async prepare(place) {
      await withTags(place, "a", "other");
      await must(["cp", "other", "copy"], place);
      await must(["rm", "a", "copy"], place);
    },
    args: () => ["gc"],
    complete: (place) => !blobThere(place) && tagThere(place, "other"),
    doneCodes: [],
  },
  {
    name: "export",
    prepare: (place) => withTags(place, "a"),
    args: ({ out }) => ["export", "a", "-o", out],
    complete: outIsWhole,
    doneCodes: [5],
  },
  {
    name: "export --force",
    async prepare(place) {
      await withTags(place, "a");
      writeFileSync(place.out, "old");
    },
    args: ({ out }) => ["export", "a", "-o", out, "--force"],
    complete: outIsWhole,
    doneCodes: [],
  },
];
