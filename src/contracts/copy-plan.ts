/** What a copy needs to know of a manifest. `blob_shas` are lower-case hex, in manifest order. */
export interface ManifestView {
  readonly tag: string;
  readonly blob_shas: readonly string[];
}

/** One step of a copy. There is none that copies bytes. */
export type CopyOp =
  | { readonly op: "hard-link"; readonly sha: string }
  | { readonly op: "write-manifest"; readonly tag: string };

export interface CopyPlan {
  readonly dst: ManifestView;
  readonly ops: readonly CopyOp[];
}

/** Why a copy is refused, and for which tag. */
export interface CopyError {
  readonly code: "invalid-tag" | "source-not-found" | "destination-exists" | "empty-manifest";
  readonly tag: string;
}

export type PlanOutcome =
  | { readonly kind: "plan"; readonly plan: CopyPlan }
  | { readonly kind: "error"; readonly error: CopyError };

/**
 * Plans the copy of a tag: the same blobs in the same order under a new name, one hard link a blob and
 * then one manifest, last, so that a crash never leaves a manifest without its blobs. Source: seed 002.
 */
export function planCopy(registry: readonly ManifestView[], src: string, dst: string): PlanOutcome {
  const invalid = [src, dst].find((tag) => !isValidTag(tag));
  if (invalid !== undefined) return refuse("invalid-tag", invalid);
  const source = registry.find(({ tag }) => tag === src);
  if (source === undefined) return refuse("source-not-found", src);
  if (registry.some(({ tag }) => tag === dst)) return refuse("destination-exists", dst);
  if (source.blob_shas.length === 0) return refuse("empty-manifest", src);
  const links = source.blob_shas.map((sha): CopyOp => ({ op: "hard-link", sha }));
  return {
    kind: "plan",
    plan: {
      dst: { tag: dst, blob_shas: [...source.blob_shas] },
      ops: [...links, { op: "write-manifest", tag: dst }],
    },
  };
}

/** True when every step is a hard link or a manifest: no blob byte is written. */
export function planHasNoByteCopy(plan: CopyPlan): boolean {
  return plan.ops.every(({ op }) => op === "hard-link" || op === "write-manifest");
}

/** How many blobs the plan links. */
export function planBlobOpCount(plan: CopyPlan): number {
  return plan.ops.filter(({ op }) => op === "hard-link").length;
}

/** How many manifests the plan writes: 1 in a sound one. */
export function planManifestWriteCount(plan: CopyPlan): number {
  return plan.ops.filter(({ op }) => op === "write-manifest").length;
}

/** True when both manifests name the same blobs in the same order. */
export function dstBlobShasMatchSrc(src: ManifestView, dst: ManifestView): boolean {
  return (
    src.blob_shas.length === dst.blob_shas.length &&
    src.blob_shas.every((sha, index) => sha === dst.blob_shas[index])
  );
}

/** The contract's own rule. apr's store asks for more: see the strict tag grammar. */
function isValidTag(tag: string): boolean {
  return tag !== "" && !/[/\\\0]/.test(tag);
}

function refuse(code: CopyError["code"], tag: string): PlanOutcome {
  return { kind: "error", error: { code, tag } };
}
