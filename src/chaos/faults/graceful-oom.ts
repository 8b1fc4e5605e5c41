import { formatBytes } from "../../base/units.ts";
import type { Attempt } from "../attempt.ts";
import { describe } from "../describe.ts";
import { type Fault, type Finding, notTried, refusal } from "../finding.ts";
import type { Lab } from "../lab.ts";
import { insufficientLimits } from "./memory-limit.ts";

const TRACE = ["-e", "trace=mmap,mremap,brk,clone,clone3,fork,vfork,execve"];

/** F-CHAOS-002: an address-space limit just below what the command needs. */
export const gracefulOom: Fault = {
  id: "F-CHAOS-002",
  title: "out of memory",
  async run(lab) {
    if (lab.bench.tools.strace === undefined) {
      const remedy = "only strace can show that an allocation was refused: install strace, or allow ptrace";
      return notTried({ code: "not-fired", remedy: "apt-get install strace" }, remedy);
    }
    const asked = lab.options.memoryLimitBytes;
    const limits = asked === undefined ? await insufficientLimits(lab) : [asked];
    let found: readonly Finding[] = notTried({ code: "not-fired" }, "no address-space limit makes it fail");
    for (const limit of limits) {
      const done = await limitedRun(lab, limit);
      found = await judgeable(lab, done, limit);
      // It worked after all: this limit is not below what it needs.
      if (done.run.exitCode !== 0) break;
    }
    return found;
  },
};

async function limitedRun(lab: Lab, limit: number): Promise<Attempt> {
  await lab.slot.reset();
  return lab.attempt({ addressSpaceBytes: limit, trace: TRACE, keepLeft: true });
}

async function judgeable(lab: Lab, done: Attempt, limit: number): Promise<readonly Finding[]> {
  const trace = commandPart(done.trace ?? "");
  if (trace === null || done.run.exitCode === 127) return belowStart(lab, limit);
  return [await finding(lab, done, limit, refusedAllocation(trace))];
}

function finding(lab: Lab, done: Attempt, limit: number, refused: string | null): Promise<Finding> {
  const happened = `${describe(lab, done)}, under ${formatBytes(limit)} of address space`;
  return refusal(lab, done, "memory", {
    fired: refused !== null,
    proof: refused ?? "no allocation was refused",
    happened: refused === null ? `no allocation was refused: ${happened}` : happened,
    reproduce: reproduction(lab, limit),
  });
}

function belowStart(lab: Lab, limit: number): readonly Finding[] {
  const happened = "no limit above start-up size makes it fail";
  return notTried({ code: "not-fired", limit_bytes: limit }, happened, reproduction(lab, limit));
}

function reproduction(lab: Lab, limit: number): string {
  return lab.reproduction.with(
    (command) => `(ulimit -v ${Math.floor(limit / 1024)}; ${command}); echo "exit $?"`,
  );
}

/** The log from the command's own start on; null when it never started. The first exec is the shell that sets the limit. */
function commandPart(trace: string): string | null {
  const started = [...trace.matchAll(/execve\(.*\) = 0$/gm)][1];
  return started === undefined ? null : trace.slice(started.index + started[0].length);
}

/** The first allocation that the kernel refused, as strace logged it. */
function refusedAllocation(trace: string): string | null {
  for (const line of trace.split("\n")) {
    if (/\b(mmap|mremap|clone3?|v?fork)\(.* = -1 (ENOMEM|EAGAIN)\b/.test(line) || refusedBreak(line)) {
      return line.replace(/^\d+\s+/, "").slice(0, 200);
    }
  }
  return null;
}

/** brk never fails: it answers with the old break. */
function refusedBreak(line: string): boolean {
  const found = /\bbrk\((0x[0-9a-f]+)\)\s+= (0x[0-9a-f]+)/.exec(line);
  return found?.[1] !== undefined && found[2] !== undefined && BigInt(found[2]) < BigInt(found[1]);
}
