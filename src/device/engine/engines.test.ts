import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { needs } from "../../../test/support/needs.ts";
import { tempDir } from "../../../test/support/temp.ts";
import { nodeProbeWorld } from "../../world/node/probe-world.ts";
import { inspectEngine, resolveEngine } from "./inspect.ts";
import { inspectPeer } from "./node-llama-cpp.ts";

/** A library that asks for another one, which need not be there when it is looked into. */
function library(path: string, needed: string): void {
  const folder = tempDir();
  const other = join(folder, needed);
  execFileSync("gcc", ["-shared", "-fPIC", `-Wl,-soname,${needed}`, "-o", other, "-x", "c", "/dev/null"]);
  const options = [
    "-shared",
    "-fPIC",
    "-Wl,--no-as-needed",
    "-o",
    path,
    "-x",
    "c",
    "/dev/null",
    "-x",
    "none",
  ];
  execFileSync("gcc", [...options, other]);
}

test("the optional peer: absent, without CUDA, with the CUDA that its package was built for", async (context) => {
  needs(context, "gcc");
  const root = tempDir();
  const from = join(root, "node_modules", "apr-cli", "dist");
  mkdirSync(from, { recursive: true });
  const look = () => inspectPeer(nodeProbeWorld, from, "x64");
  expect(await look()).toBeNull();
  mkdirSync(join(root, "node_modules", "node-llama-cpp"));
  expect(await look()).toMatchObject({ cuda: false, builtFor: null });
  const bins = join(root, "node_modules", "@node-llama-cpp", "linux-x64-cuda", "bins", "linux-x64-cuda");
  mkdirSync(bins, { recursive: true });
  library(join(bins, "libggml-cuda.so"), "libcudart.so.12");
  expect(await look()).toMatchObject({ kind: "node-llama-cpp", cuda: true, builtFor: "12" });
});

test("Ollama: its parts lie under lib/ollama, and the oldest CUDA of several counts", async (context) => {
  needs(context, "gcc");
  const root = tempDir();
  mkdirSync(join(root, "bin"));
  const program = join(root, "bin", "ollama");
  execFileSync("gcc", ["-o", program, "-x", "c", "-"], { input: "int main(void) { return 0; }\n" });
  const inspect = async () =>
    inspectEngine(nodeProbeWorld, await resolveEngine(nodeProbeWorld, [program], program));
  expect(await inspect()).toMatchObject({ kind: "ollama", cuda: false });
  for (const major of ["13", "12"]) {
    const part = join(root, "lib", "ollama", `cuda_v${major}`);
    mkdirSync(part, { recursive: true });
    library(join(part, "libggml-cuda.so"), `libcudart.so.${major}`);
  }
  expect(await inspect()).toMatchObject({ cuda: true, builtFor: "12" });
});

test("a Python's torch is found beside it, in its virtual environment", async () => {
  const root = tempDir();
  mkdirSync(join(root, "bin"));
  const python = join(root, "bin", "python3");
  writeFileSync(python, "#!/bin/sh\n", { mode: 0o755 });
  const inspect = async () =>
    inspectEngine(
      { ...nodeProbeWorld, env: { PATH: "/usr/bin:/bin" } },
      await resolveEngine(nodeProbeWorld, [python], python),
    );
  expect(await inspect()).toMatchObject({ kind: "python", cuda: null });
  const torch = join(root, "lib", "python3.12", "site-packages", "torch");
  mkdirSync(torch, { recursive: true });
  const write = (cuda: string): void =>
    writeFileSync(join(torch, "version.py"), `__version__ = '2.5'\ncuda: Optional[str] = ${cuda}\n`);
  write("'12.4'");
  expect(await inspect()).toMatchObject({ cuda: true, builtFor: "12.4" });
  write("None");
  expect(await inspect()).toMatchObject({ cuda: false, builtFor: null });
});
