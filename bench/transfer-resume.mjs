// A pull that is killed when the server has sent half of the file, and run again: how much is fetched the second time,
// by the server's own count. The server is slow enough that little lies in the buffers between the two.
// APR_BENCH_MIB sets the size (2048).
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { printRow } from "./support/rows.mjs";
import { APR, inFolder, timed, writeModel } from "./support/store.mjs";
import { startThrottled } from "./support/typescript.mjs";

const MIB = Number(process.env.APR_BENCH_MIB ?? 2048);
const BYTES_PER_SECOND = 300_000_000;
const POLL_MS = 5;

await inFolder(async (folder) => {
  const model = join(folder, "big.gguf");
  writeModel(model, MIB);
  const { size } = statSync(model);
  const hex = spawnSync("openssl", ["dgst", "-sha256", "-r", model], { encoding: "utf8" }).stdout.slice(
    0,
    64,
  );
  const server = await startThrottled(model, BYTES_PER_SECOND);
  try {
    const args = ["pull", `${server.url}#sha256=${hex}`, "--as", "t:a", "--progress", "none"];
    const command = [APR, ...args, "--store", join(folder, "store")];
    const child = spawn(process.execPath, command, { stdio: "ignore" });
    const ended = once(child, "exit");
    while ((await server.sentBytes()) < size / 2 && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    child.kill("SIGKILL");
    const [, signal] = await ended;
    if (signal !== "SIGKILL") throw new Error("the pull ended before it was killed");
    const before = await server.sentBytes();
    timed([process.execPath, ...command]);
    const again = (await server.sentBytes()) - before;
    const name = (/** @type {string} */ what) => `killed at ${((before / size) * 100).toFixed(1)} %: ${what}`;
    printRow({ name: name("fetched by the second run"), value: (again / size) * 100, unit: "%", atMost: 51 });
    const extra = (before + again - size) / 1024 / 1024;
    printRow({ name: name("fetched twice"), value: extra, unit: "MiB", atMost: 32 });
  } finally {
    await server.kill();
  }
});
