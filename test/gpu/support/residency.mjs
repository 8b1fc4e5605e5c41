// `apr run --require-gpu` with programs that hold a model on the GPU, hold a bare context, and stay on the CPU.
import { spawn } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apr, APR, check, folder, notRun, PYTHON, quiet } from "./machine.mjs";

const GIB = 2 ** 30;
const model = join(folder, "model.bin");
const HOLD =
  "import torch, time; x = torch.zeros(2 * 2**30, dtype=torch.uint8, device='cuda'); time.sleep(8)";
const BARE = "import torch, time; x = torch.zeros(1, device='cuda'); time.sleep(100)";
const CPU = "import time; x = bytearray(64 * 2**20); time.sleep(100)";

function requireGpu(name, script) {
  const report = join(folder, `${name}.json`);
  const args = [
    APR,
    "run",
    "--require-gpu",
    "--model",
    model,
    "--report",
    report,
    "--",
    PYTHON,
    "-c",
    script,
  ];
  const startMs = performance.now();
  const child = spawn(process.execPath, args, {
    env: quiet,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (bytes) => (stderr += bytes));
  return new Promise((resolve) => {
    child.once("close", (code) => {
      let gpu = null;
      try {
        gpu = JSON.parse(readFileSync(report, "utf8")).gpu_proof;
      } catch {
        // No report: the line below says what stderr said.
      }
      resolve({
        code,
        stderr: stderr.trim().slice(-600),
        gpu,
        tookMs: Math.round(performance.now() - startMs),
      });
    });
  });
}

/** `hasTorch`: programs that need it are run too. */
export async function residency(hasTorch) {
  writeFileSync(model, "");
  truncateSync(model, 2 * GIB);
  if (!(apr(["run", "--help"]).stdout ?? "").includes("--require-gpu")) {
    notRun("apr run --require-gpu", "this build has no such flag");
  } else {
    if (!hasTorch) notRun("a torch program that holds its model", `${PYTHON} has no torch`);
    else {
      const held = await requireGpu("held", HOLD);
      check(
        "a torch program that holds 2 GiB: proven, exit 0",
        held.code === 0 && held.gpu?.proven === true,
        JSON.stringify(held),
      );
    }
    const runs = [requireGpu("cpu", CPU), ...(!hasTorch ? [] : [requireGpu("bare", BARE)])];
    const [cpu, bare] = await Promise.all(runs);
    check(
      "a program on the CPU: exit 15 after 30 s",
      cpu.code === 15 && cpu.tookMs < 45_000,
      JSON.stringify(cpu),
    );
    if (bare !== undefined) check("a bare context: exit 15", bare.code === 15, JSON.stringify(bare));
  }
}
