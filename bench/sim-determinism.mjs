// Every scenario, 10,000 seeds run twice: the traces must be the same, byte for byte. APR_BENCH_SEEDS sets how many.
import { printRow } from "./support/rows.mjs";
import { importTs } from "./support/typescript.mjs";

const SEEDS = Number(process.env.APR_BENCH_SEEDS ?? 10_000);
const { playTwice } = await importTs("test/support/scenarios/twice.ts");

for (const { name, same, distinct } of await playTwice(SEEDS)) {
  printRow({ name: `${name}: seeds of the same trace`, value: same, unit: "seeds", atLeast: SEEDS });
  printRow({ name: `${name}: different traces`, value: distinct, unit: "traces", atLeast: SEEDS / 2 });
}
