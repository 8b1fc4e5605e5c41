import { onTestFinished } from "vitest";
import { freePort } from "./program.ts";
import type { Stage } from "./stage.ts";

const READY_MS = 15_000;

/** `apr serve` on a stage's store until the test ends; gives `127.0.0.1:PORT`. */
export async function aprServe(at: Stage, flags: readonly string[] = []): Promise<string> {
  const port = await freePort();
  const { child, result } = at.start(["serve", "--port", String(port), ...flags], { timeoutMs: 300_000 });
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await result;
  });
  const startMs = performance.now();
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() - startMs > READY_MS) {
      child.kill("SIGKILL");
      throw new Error(`apr serve is not up: ${(await result).stderr}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return `127.0.0.1:${port}`;
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/v2/`)).status > 0;
  } catch {
    return false;
  }
}
