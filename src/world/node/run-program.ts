import { spawn } from "node:child_process";
import { constants } from "node:os";
import { systemCode } from "../../base/errors.ts";

export type ProgramEnd =
  | { readonly kind: "ended"; readonly exitCode: number; readonly signal: string | null }
  | { readonly kind: "not-started"; readonly code: string; readonly message: string };

/** Runs a program with this process's own streams, to its end. */
export function runProgram(
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const [program, ...args] = argv;
    const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...env } });
    // Ctrl-C reaches the program from the terminal itself; what is sent to apr alone is passed on.
    const pass = (name: NodeJS.Signals): void => void child.kill(name);
    const stay = (): void => undefined;
    process.on("SIGTERM", pass).on("SIGHUP", pass).on("SIGINT", stay);
    const done = (end: ProgramEnd): void => {
      process.off("SIGTERM", pass).off("SIGHUP", pass).off("SIGINT", stay);
      resolve(end);
    };
    child.once("error", (error) =>
      done({ kind: "not-started", code: systemCode(error) ?? "", message: error.message }),
    );
    child.once("exit", (code, signal) => {
      const exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
      done({ kind: "ended", exitCode, signal });
    });
  });
}
