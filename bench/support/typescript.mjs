// The benches are plain JavaScript; what they share with the tests is TypeScript, and is bundled when it is needed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** @param {string} path from the project's folder */
async function bundle(path) {
  const options = { bundle: true, platform: "node", format: "esm", target: "node20.19", write: false };
  const { outputFiles } = await build({ ...options, entryPoints: [ROOT + path] });
  return outputFiles[0]?.text ?? "";
}

/**
 * Imports a module of the tests.
 * @param {string} path from the project's folder
 * @returns {Promise<any>}
 */
export async function importTs(path) {
  const text = await bundle(path);
  return import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
}

/**
 * A process of its own that serves one file at this rate in total; it ends with this process.
 * @param {string} file @param {number} bytesPerSecond
 */
export async function startThrottled(file, bytesPerSecond) {
  const program = await bundle("test/support/transfer/throttled-server.ts");
  const script = ["--input-type=module", "-e", program, "--", file, String(bytesPerSecond)];
  const child = spawn("setpriv", ["--pdeathsig", "KILL", process.execPath, ...script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  const url = `http://127.0.0.1:${String(line).trim()}`;
  return {
    url: `${url}/model.gguf`,
    async sentBytes() {
      // A connection of its own: one that was kept would be gone after a bench that blocks this process.
      const [answer] = await once(get(`${url}/sent`, { agent: false }), "response");
      const parts = await answer.toArray();
      return /** @type {{ sentBytes: number }} */ (JSON.parse(Buffer.concat(parts).toString("utf8")))
        .sentBytes;
    },
    async kill() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
