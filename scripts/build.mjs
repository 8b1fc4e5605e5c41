// Builds dist/: one small CommonJS entry that starts fast, and ES module chunks that it loads on demand.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
rmSync("dist", { recursive: true, force: true });

// Null outside a checkout, as in an unpacked archive.
const head = spawnSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8" });
const commit = head.status === 0 ? head.stdout.trim() : null;

const shared = {
  bundle: true,
  platform: "node",
  target: "node20.19",
  define: { __APR_VERSION__: JSON.stringify(version), __APR_COMMIT__: JSON.stringify(commit) },
  logLevel: "warning",
};

// CommonJS has no import.meta: a file's own address is made from its path.
const ownAddress = {
  define: { ...shared.define, "import.meta.url": "__fileUrl" },
  banner: { js: 'const __fileUrl = require("node:url").pathToFileURL(__filename).href;' },
};

// Commands that are over in milliseconds: one CommonJS file each, since Node's ES module loader alone takes longer.
const QUICK = ["complete-tags", "completion", "cp", "ls", "rm", "run", "show", "version"];

// `apr run` must start its program at once: what it does after the program's end, or before by wish, comes apart.
const RUN_LATER = [
  ...["oom/aftermath", "oom/gpu", "oom/gpu-proof", "oom/run-folder", "oom/with-model"],
  "device/chosen",
];

const runLater = {
  name: "run-later",
  setup(context) {
    context.onResolve({ filter: /\/[a-z-]+\.ts$/ }, (args) => {
      const name = args.path.split("/").at(-1).replace(/\.ts$/, "");
      const known = RUN_LATER.some((each) => each.endsWith(`/${name}`));
      return args.kind === "dynamic-import" && known ? { path: `./${name}.cjs`, external: true } : undefined;
    });
  },
};

// The entry must not pull the commands in: `import("../run/x.ts")` stays an import of the built chunk.
const lazyCommands = {
  name: "lazy-commands",
  setup(context) {
    context.onResolve({ filter: /\/run\/[a-z-]+\.ts$/ }, (args) => {
      if (args.kind !== "dynamic-import") return undefined;
      const name = args.path.split("/").at(-1).replace(/\.ts$/, "");
      return { path: `./run/${name}.${QUICK.includes(name) ? "cjs" : "js"}`, external: true };
    });
  },
};

const commands = readdirSync("src/cli/run").filter(
  (name) => name.endsWith(".ts") && !name.includes(".test.") && !QUICK.includes(name.slice(0, -3)),
);

await Promise.all([
  build({
    ...shared,
    entryPoints: { apr: "src/cli/main.ts" },
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    minify: true,
    banner: { js: "#!/usr/bin/env node" },
    supported: { "dynamic-import": true },
    plugins: [lazyCommands],
  }),
  build({
    ...shared,
    entryPoints: Object.fromEntries(
      QUICK.filter((name) => name !== "run").map((name) => [`run/${name}`, `src/cli/run/${name}.ts`]),
    ),
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    packages: "external",
    minify: true,
    supported: { "dynamic-import": true },
    ...ownAddress,
  }),
  // The program that talks to the GPU's driver, in a process of its own.
  build({
    ...shared,
    entryPoints: { "cuda-probe": "src/world/node/cuda-probe.ts" },
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    packages: "external",
    minifySyntax: true,
    supported: { "dynamic-import": true },
  }),
  build({
    ...shared,
    entryPoints: {
      "run/run": "src/cli/run/run.ts",
      ...Object.fromEntries(RUN_LATER.map((path) => [`run/${path.split("/")[1]}`, `src/cli/${path}.ts`])),
    },
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    packages: "external",
    minify: true,
    // Every import() becomes a require: the loader of ES modules would take longer than all the rest.
    supported: { "dynamic-import": false },
    ...ownAddress,
    plugins: [runLater],
  }),
  build({
    ...shared,
    entryPoints: {
      index: "src/index.ts",
      ...Object.fromEntries(commands.map((name) => [`run/${name.slice(0, -3)}`, `src/cli/run/${name}`])),
    },
    outdir: "dist",
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    packages: "external",
    minifySyntax: true,
  }),
]);
await buildViewer();

// esbuild writes `import()` for all of them; for CommonJS `require` is the quicker way.
const entry = readFileSync("dist/apr.cjs", "utf8");
const quicker = entry.replaceAll(
  /import\("(\.\/run\/[a-z-]+\.cjs)"\)/g,
  'Promise.resolve().then(()=>require("$1"))',
);
if (quicker === entry) throw new Error("no quick command was found in the entry");
writeFileSync("dist/apr.cjs", quicker);
chmodSync("dist/apr.cjs", 0o755);

// What `apr run --pytorch` puts on the program's path.
mkdirSync("dist/shim");
copyFileSync("src/oom/shim/sitecustomize.py", "dist/shim/sitecustomize.py");

if (!process.argv.includes("--no-types")) {
  const types = spawnSync("node_modules/.bin/tsc", ["-p", "tsconfig.types.json"], { stdio: "inherit" });
  if (types.status !== 0) process.exit(types.status ?? 1);
}

// What every page of `apr view` carries: one script and one style, with their digests for its content policy.
async function buildViewer() {
  const { outputFiles } = await build({
    entryPoints: ["src/viewer/main.ts", "src/viewer/style.css"],
    ...{ outdir: "viewer", bundle: true, format: "iife", platform: "browser", target: "es2022" },
    ...{ minify: true, write: false, charset: "utf8", logLevel: "warning" },
  });
  const textOf = (end) => outputFiles.find(({ path }) => path.endsWith(end)).text.trim();
  const hashOf = (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`;
  const [script, style] = [textOf(".js"), textOf(".css")];
  const assets = { script, style, scriptHash: hashOf(script), styleHash: hashOf(style) };
  writeFileSync("dist/viewer.json", JSON.stringify(assets));
}
