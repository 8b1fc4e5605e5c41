import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SweepFinding } from "../../src/contracts/sweep-report.ts";
import { tinyGguf } from "./gguf.ts";

/** A command of apr's own, as `apr qa sweep` is asked to break it. */
export interface OwnSweep {
  readonly name: string;
  readonly flags: readonly string[];
  readonly command: readonly string[];
}

const MODEL_BYTES = 60_000;
const TAGS = "manifests/registry.ollama.ai/library";

/** apr's own commands, on a model and a store that are made in `folder`. `apr` is the built command. */
export function ownSweeps(folder: string, apr: string): readonly OwnSweep[] {
  const model = join(folder, "tiny.gguf");
  const store = join(folder, "store");
  writeFileSync(model, tinyGguf(MODEL_BYTES));
  const make = (...args: string[]): void => {
    const env = { ...process.env, APR_MODELS: store };
    execFileSync(process.execPath, [apr, ...args], { env, stdio: "ignore" });
  };
  make("import", model, "--as", "tiny");
  const on = (place: string, ...args: string[]): string[] => [
    "env",
    `APR_MODELS=${place}`,
    process.execPath,
    apr,
    ...args,
  ];
  const verify = (place: string): string => on(place, "verify").join(" ");
  const copied = ["--setup", "cp -a {model} {tmp}/store", "--model", store];
  return [
    {
      name: "import",
      // What a killed run left in ingest/ is the next collection's.
      flags: ["--model", model, "--check", verify("{out}")],
      command: on("{out}", "import", "{model}", "--as", "tiny"),
    },
    {
      name: "export",
      flags: ["--model", store],
      // With --force: what a killed run has just put in place may be replaced.
      command: on("{model}", "export", "tiny", "-o", "{out}", "--force"),
    },
    {
      name: "cp",
      flags: [...copied, "--output", `{tmp}/store/${TAGS}/other`],
      command: on("{tmp}/store", "cp", "tiny", "other"),
    },
    {
      name: "pull",
      // Blobs and parts that came stay for the next pull: the tag is what it gives.
      flags: [
        "--model",
        model,
        "--output",
        `{tmp}/store/${TAGS}/tiny/latest`,
        "--state",
        "{tmp}/store/transfers",
      ],
      command: on("{tmp}/store", "pull", "{model}", "--as", "tiny", "--force", "--progress", "none"),
    },
    {
      name: "gc",
      flags: copied,
      command: on("{tmp}/store", "gc"),
    },
  ];
}

/** Why a finding on apr itself is known; null: it is not. */
export function knownInApr({ id, role, faults, codes, members }: SweepFinding, name: string): string | null {
  if (role === "memory") return "Node's runtime ends itself, or waits for a thread that it could not start";
  if (faults.includes("few file descriptors")) return "Node's runtime ends itself before apr begins";
  if (/^partial output: (?:write stdout|close stdout|stdout-full|stdout-closed)$/.test(id)) {
    return "the work is done; the line that says so is lost, which the exit code tells";
  }
  if (name === "cp" && id === "no recovery: SIGKILL") {
    return "the copy was there already, and the contract has cp refuse a tag that is there";
  }
  if (name === "pull" && codes.every((code) => code === "leftover")) {
    return "blobs and parts that came whole stay for the next pull (docs/decisions/0011)";
  }
  const lasting = members.every(({ point }) => point.includes("+"));
  const whole = members.every(({ happened }) => happened.includes("left the whole output"));
  if (name === "pull" && whole && codes.every((code) => code === "partial-output" || code === "leftover")) {
    return "the tag was in its place, whole; what failed came after, and the exit code and a crashpack tell that";
  }
  // A fault that goes on hits the cleaning up as well: what stays is a blob without a tag, or a folder of work.
  if (lasting && codes.every((code) => code === "partial-output" || code === "leftover")) {
    return "the fault goes on while apr cleans up; the next collection clears what stays";
  }
  return null;
}
