// The engine as it is, over many seeds of every scenario: nothing may be broken. APR_BENCH_SEEDS sets how many seeds
// there are in all (1,000,000), APR_BENCH_SCENARIOS which scenarios share them, such as `resume,push`.
import { printRow } from "./support/rows.mjs";
import { sweep, upperBound } from "./support/sim.mjs";

const SEEDS = Number(process.env.APR_BENCH_SEEDS ?? 1_000_000);
const ALL = [
  ...["single-pull", "multi-source", "resume", "changing-source"],
  ...["pulls-and-gc", "push", "tags-and-gc", "cancel"],
];
const names = (process.env.APR_BENCH_SCENARIOS ?? ALL.join(",")).split(",");
/** Above 32 MiB a blob is hashed while it comes; 64 chunks show nothing that 18 do not. */
const MORE = { "single-pull": ["--chunks", "18"] };

let [seeds, violated, seconds] = [0, 0, 0];
for (const name of names) {
  const document = sweep(name, 0n, BigInt(Math.ceil(SEEDS / names.length)), MORE[name] ?? []);
  seconds += document.seconds;
  console.log(`  ${name}: ${Math.round(document.seconds)} s`);
  for (const { scenario, tally } of document.scenarios) {
    seeds += tally.seeds;
    violated += tally.violated;
    for (const { seed, type, detail } of tally.failures.slice(0, 5)) {
      console.log(`${scenario} --seed ${seed}: ${type} ${detail}`);
    }
  }
}
printRow({ name: `seeds of ${names.length} scenarios`, value: seeds, unit: "seeds", atLeast: SEEDS });
printRow({ name: "seeds that broke something", value: violated, unit: "seeds", atMost: 0 });
printRow({ name: "seeds a second", value: seeds / seconds, unit: "/s" });
if (violated === 0) {
  const rate = upperBound(seeds).toExponential(2);
  console.log(
    `rate of broken seeds: at most ${rate} (95 %, Clopper-Pearson), within this simulator, no more`,
  );
}
