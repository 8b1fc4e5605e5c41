/** Which rooms a room may import, beside itself. docs/ARCHITECTURE.md explains it. */
const STANDS_ON = {
  base: [],
  contracts: ["base"],
  world: ["base"],
  "world/node": ["base", "world"],
  redact: ["base"],
  model: ["base", "world", "contracts"],
  store: ["base", "world", "contracts"],
  observe: ["base", "world", "contracts"],
  sim: ["base", "world", "contracts"],
  evidence: ["base", "world", "contracts"],
  device: ["base", "world", "contracts"],
  viewer: ["base", "reports"],
  transfer: ["base", "world", "contracts", "evidence", "store"],
  oracles: ["base", "contracts", "evidence"],
  reports: ["base", "contracts", "evidence"],
  oom: ["base", "world", "contracts", "redact", "evidence", "observe", "model", "device"],
  crashpack: ["base", "world", "contracts", "evidence", "oracles"],
  proof: ["base", "world", "contracts", "redact", "evidence", "oracles"],
  chaos: ["base", "world", "contracts", "evidence", "oracles", "observe", "crashpack"],
  scenarios: [
    ...["base", "world", "contracts", "evidence", "oracles"],
    ...["crashpack", "model", "store", "transfer", "sim"],
  ],
  replay: [
    ...["base", "world", "contracts", "evidence", "oracles", "observe"],
    ...["model", "store", "sim", "crashpack", "chaos", "scenarios", "transfer"],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Room = keyof typeof STANDS_ON | "cli" | "index";

const LOWER_ROOMS = Object.keys(STANDS_ON) as (keyof typeof STANDS_ON)[];

export const ROOMS: ReadonlyMap<string, readonly string[]> = new Map<Room, readonly string[]>([
  ...LOWER_ROOMS.map((room): [Room, readonly string[]] => [room, STANDS_ON[room]]),
  ["cli", LOWER_ROOMS],
  ["index", LOWER_ROOMS],
]);

/** Node's modules that touch nothing outside: any room may import them. Every other one is for world/node. */
export const PURE_NODE_MODULES: ReadonlySet<string> = new Set([
  "node:assert",
  "node:buffer",
  "node:events",
  "node:path",
  "node:string_decoder",
  "node:url",
  "node:util",
  "node:zlib",
]);

/** Every package that the product may import, and the rooms that may. */
export const PACKAGES: ReadonlyMap<string, readonly Room[]> = new Map<string, readonly Room[]>([
  ["@stricli/core", ["cli"]],
  ["@stricli/auto-complete", ["cli"]],
  ["koffi", ["world/node"]],
  ["tinypool", ["world/node"]],
  ["yaml", ["cli"]],
]);

/** Globals that reach outside: time, chance, network, output, the process. Only world/node uses them. */
export const EFFECT_GLOBALS: ReadonlySet<string> = new Set([
  "setTimeout",
  "setInterval",
  "setImmediate",
  "performance",
  "crypto",
  "process",
  "console",
  "fetch",
  "WebSocket",
  "EventSource",
  "eval",
  "Function",
  "require",
]);

/** The same for one property of an otherwise pure global. */
export const EFFECT_MEMBERS: ReadonlySet<string> = new Set([
  "Date.now",
  "Math.random",
  "AbortSignal.timeout",
  "Atomics.wait",
  "Atomics.waitAsync",
]);

/** What one room may use all the same: the exit code is the command's answer; the scheduler drains microtasks. */
export const ALLOWED_MEMBERS: ReadonlyMap<string, readonly Room[]> = new Map<string, readonly Room[]>([
  ["process.exitCode", ["cli"]],
  ["process.nextTick", ["sim"]],
]);

/** The one file that writes to the terminal, and the one room that may import it. */
export const PRINTER = { file: "src/world/node/stdio.ts", room: "cli" } as const;
