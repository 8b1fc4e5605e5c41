import { judgeTransfer } from "../../../src/oracles/judge.ts";
import { parseRef } from "../../../src/store/ref.ts";
import { openStore } from "../../../src/store/store.ts";
import { readTag } from "../../../src/store/tags.ts";
import { verifyStore } from "../../../src/store/verify.ts";
import { type Attempted, type Pulling, STORE } from "./pulling.ts";

/** What is wrong with one attempt, by its trace: nothing for one that was killed, which can say no more. */
export function wrongIn({ ended, trace }: Attempted): readonly string[] {
  const judged = judgeTransfer(trace, { name: "sim" });
  if (ended.kind === "killed") return [];
  const right = ended.kind === "done" ? judged.passed : judged.clean;
  return right ? [] : [`${ended.kind}: ${JSON.stringify(judged.violations)} ${judged.unreadable.join()}`];
}

/** What is wrong with the store, as a new process sees it. Nothing fails any more from then on. */
export async function wrongInStore(
  { sim, hex, sizeBytes }: Pulling,
  mustHave: boolean,
): Promise<readonly string[]> {
  sim.calm();
  const { process, world } = sim.start();
  const looked = await process.run(async () => {
    const store = await openStore(world, STORE);
    if (store === null) return mustHave ? ["no store"] : [];
    const { problems } = await verifyStore(store);
    const entry = await readTag(store, parseRef("m:1"));
    const found = problems.map(({ kind, subject, detail }) => `${kind} ${subject} ${detail}`);
    if (entry === null) return mustHave ? [...found, "no tag"] : found;
    if (entry.kind !== "tag") return [...found, "a tag that cannot be read"];
    const [layer] = entry.image.layers;
    if (layer?.digest !== `sha256:${hex}` || layer.sizeBytes !== sizeBytes) found.push("another model");
    return found;
  });
  if (looked.kind === "done") return looked.value;
  return looked.kind === "failed" ? [String(looked.error)] : ["killed"];
}
