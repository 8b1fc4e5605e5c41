// A process of its own for bench/sim-speed.mjs: plays simulated pulls when it is told to, and says how many there were.
// Its argument is the bundle of test/support/sim/pulling.ts.
const { pulling, pullOnce } = await import(process.argv[2] ?? "");

const AWAITS = 200_000;
const MIN_EVENTS = 64;
let seed = 0n;

/** One world, one pull, its trace on. Throws when it did not come to its end. */
async function onePull() {
  const setting = pulling({ choices: seed++ });
  const { ended, trace } = await setting.sim.run(() => pullOnce(setting.sim.start(), setting));
  if (ended.kind !== "done" || trace.length < MIN_EVENTS) throw new Error(`seed ${seed - 1n}: ${ended.kind}`);
}

/** Something that never changes, to compare machines and moments by: nanoseconds of a promise that is awaited. */
async function awaitNs() {
  const kept = [];
  const before = process.cpuUsage();
  for (let count = 0; count < AWAITS; count++) {
    let resolve = (/** @type {object} */ _value) => undefined;
    const promise = new Promise((done) => {
      resolve = done;
    });
    resolve({ count, name: `x${count}` });
    kept[count & 1023] = await promise;
  }
  return (cpuMs(before) * 1e6) / AWAITS;
}

/** @param {NodeJS.CpuUsage} before */
function cpuMs(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** For so long, or so many. @param {{ ms?: number, pulls?: number }} span */
async function play({ ms = Number.POSITIVE_INFINITY, pulls: most = Number.POSITIVE_INFINITY }) {
  const before = process.cpuUsage();
  const start = performance.now();
  let pulls = 0;
  for (; pulls < most && performance.now() - start < ms; pulls++) await onePull();
  return { pulls, wallMs: performance.now() - start, cpuMs: cpuMs(before) };
}

process.on("message", async (/** @type {{ ms?: number, pulls?: number }} */ span) => {
  const ns = await awaitNs();
  process.send?.({ ...(await play(span)), awaitNs: ns });
});
process.on("disconnect", () => process.exit());
process.send?.({ kind: "up" });
