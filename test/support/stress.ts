import { readdirSync, writeFileSync } from "node:fs";
import { apr } from "./cli.ts";
import { tinyGguf } from "./gguf.ts";

export interface StressResult {
  /** Commands that ran, by the word and exit code. */
  readonly counts: Readonly<Record<string, number>>;
  /** Exits that no command may have, whatever the others do. */
  readonly unexpected: readonly string[];
  /** What is wrong in the store at the end. */
  readonly problems: readonly string[];
}

const MODELS = 6;
/** Not found and already there are fair answers among eight processes. */
const FAIR: Readonly<Record<string, readonly number[]>> = {
  import: [0, 5],
  cp: [0, 3, 5],
  rm: [0, 3],
  gc: [0],
  verify: [0],
};

/** Several processes import, copy, remove, collect and verify in one store for a while; then it is judged. */
export async function stress(
  folder: string,
  processes: number,
  ms: number,
  seed: number,
): Promise<StressResult> {
  const store = `${folder}/models`;
  const env = { APR_MODELS: store };
  for (let number = 0; number < MODELS; number++) {
    writeFileSync(`${folder}/m${number}.gguf`, tinyGguf(16_384 * (number + 1), `stress-${number}`));
  }
  await apr(["import", `${folder}/m0.gguf`, "--as", "keep"], { env });
  const lanes = Array.from({ length: processes }, (_, number) =>
    lane(folder, store, ms, seed * 100 + number),
  );
  const lines = (await Promise.all(lanes)).flat();
  const counts: Record<string, number> = {};
  for (const line of lines) {
    const key = line.split("\t")[0] ?? "";
    counts[key] = (counts[key] ?? 0) + 1;
  }
  const unexpected = lines.filter((line) => line.startsWith("!"));
  return { counts, unexpected, problems: await judge(store) };
}

/** One process after the other, drawn from the seed. A line for each: word and exit code, `!` first where that is a fault. */
async function lane(folder: string, store: string, ms: number, seed: number): Promise<string[]> {
  const draw = drawFrom(seed);
  const tag = (): string => `t${draw(8)}`;
  const bring = (): string[] => ["import", `${folder}/m${draw(MODELS)}.gguf`, "--as", tag()];
  const drop = (): string[] => ["rm", tag()];
  const commands: readonly (() => string[])[] = [
    ...[bring, bring, drop, drop],
    () => ["cp", tag(), tag()],
    () => ["cp", "keep", tag()],
    () => ["gc"],
    () => ["verify"],
  ];
  const lines: string[] = [];
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const args = commands[draw(commands.length)]?.() ?? [];
    const { code, stdout, stderr } = await apr(args, { env: { APR_MODELS: store } });
    const word = `${args[0]} ${code}`;
    const fair = FAIR[args[0] ?? ""]?.includes(code ?? -1) === true;
    lines.push(fair ? word : `!${word}\t${args.join(" ")}: ${`${stdout} ${stderr}`.slice(0, 400)}`);
  }
  return lines;
}

function drawFrom(seed: number): (count: number) => number {
  let state = (Math.imul(seed, 2_654_435_761) + 1) | 0 || 1;
  return (count) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % count;
  };
}

async function judge(store: string): Promise<string[]> {
  const env = { APR_MODELS: store };
  const problems: string[] = [];
  const verified = await apr(["verify", "--json"], { env });
  if (verified.code !== 0) problems.push(`verify before gc: ${verified.stdout}`);
  const collected = await apr(["gc", "--json"], { env });
  if (collected.code !== 0) problems.push(`gc: ${collected.stderr}`);
  const again = await apr(["verify", "--json"], { env });
  if (again.code !== 0) problems.push(`verify after gc: ${again.stdout}`);
  if ((await apr(["show", "keep"], { env })).code !== 0) problems.push("a tag that nobody removed is gone");
  const second = (await apr(["gc", "--json"], { env })).json() as { freed_bytes: number };
  if (second.freed_bytes !== 0) problems.push("a second gc frees more than the first");
  for (const name of ["ingest", "quarantine"]) {
    if (readdirSync(`${store}/${name}`).length > 0) problems.push(`${name} is not empty`);
  }
  return problems;
}
