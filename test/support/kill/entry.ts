import { spawn } from "node:child_process";
import { APR } from "../cli.ts";

/** The built command, or another build of it: a long run must not see dist/ change under it. */
export const ENTRY: string = process.env["APR_KILL_ENTRY"] ?? APR;

export interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs the command to its end. */
export function runEntry(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [ENTRY, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const parts: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => parts.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stderr: Buffer.concat(parts).toString("utf8") }));
  });
}
