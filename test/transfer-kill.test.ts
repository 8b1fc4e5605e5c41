import { expect, test } from "vitest";
import { type Chain, killChain } from "./support/transfer/kill-chain.ts";
import { SeededRandom } from "./support/models/random.ts";
import { startFaulty } from "./support/transfer/faulty/server.ts";
import { imageOf, imagePaths, modelOf } from "./support/transfer/model.ts";
import { pullArgs, Stage } from "./support/transfer/stage.ts";

const MIB = 1024 * 1024;
const SEED = Number(process.env["APR_KILL_SEED"] ?? 20_260);
/** Kills that must hit a running process. */
const WANTED = Number(process.env["APR_KILL_POINTS"] ?? 200);
/** A transfer is killed so often before it may complete. */
const KILLS = 8;
const LANES = 3;
const MODEL = modelOf(64 * MIB);
const CONTENT = imagePaths(imageOf(MODEL), "lib/m", "a");
const BYTES_PER_SECOND = 120 * MIB;
/** What one kill may cost: eight chunks on their way, and what was not on the medium. */
const COST_BYTES = 8 * 2 * MIB + 16 * MIB;
const LIMIT_MS = 600_000;

test("a pull that is killed at any moment shows nothing wrong, and completes later", {
  timeout: LIMIT_MS,
}, async () => {
  const cleanMs = await cleanRun();
  const random = new SeededRandom(SEED);
  const chains: Chain[] = [];
  const fired = (): number => chains.reduce((sum, chain) => sum + chain.fired, 0);
  const lane = async (): Promise<void> => {
    // Many chains complete early: four times as many are tried as would do.
    for (let turn = 0; fired() < WANTED && chains.length < (4 * WANTED) / KILLS; turn++) {
      // The whole of the first run's time; a later one has less to do.
      const killsMs = Array.from(
        { length: KILLS },
        (_, kill) => 20 + (random.below(1000) / 1000) * cleanMs * (1 - kill / (2 * KILLS)),
      );
      const server = await startFaulty({ content: CONTENT, bytesPerSecond: BYTES_PER_SECOND });
      try {
        chains.push(await killChain({ server, ref: `${server.host}/lib/m:a`, model: MODEL, killsMs }));
      } finally {
        await server.close();
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const again = chains.reduce((sum, { sentBytes }) => sum + sentBytes - MODEL.bytes.length, 0);
  process.stdout.write(
    `kill: ${fired()} kills in ${chains.length} transfers (seed ${SEED}, clean run ${Math.round(cleanMs)} ms), ` +
      `${(again / MIB / Math.max(1, fired())).toFixed(1)} MiB fetched again a kill\n`,
  );
  expect(chains.flatMap(({ faults }) => faults)).toEqual([]);
  const dear = chains.filter((chain) => chain.sentBytes > MODEL.bytes.length + chain.fired * COST_BYTES);
  expect(dear).toEqual([]);
  expect(fired()).toBeGreaterThanOrEqual(WANTED);
});

/** How long a pull takes that nobody kills, with as many beside it as later. */
async function cleanRun(): Promise<number> {
  const times = await Promise.all(
    Array.from({ length: LANES }, async () => {
      const server = await startFaulty({ content: CONTENT, bytesPerSecond: BYTES_PER_SECOND });
      const stage = new Stage();
      try {
        const startMs = performance.now();
        const { code, stderr } = await stage.run(
          pullArgs(`${server.host}/lib/m:a`, ["--plain-http", "--as", "t:a"]),
        );
        expect(code, stderr).toBe(0);
        return performance.now() - startMs;
      } finally {
        stage.remove();
        await server.close();
      }
    }),
  );
  return Math.max(...times);
}
