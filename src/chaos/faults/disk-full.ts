import { formatBytes } from "../../base/units.ts";
import type { Attempt } from "../attempt.ts";
import { copyTree } from "../copy-tree.ts";
import { describe } from "../describe.ts";
import { type Fault, type Finding, notTried, refusal } from "../finding.ts";
import type { Lab } from "../lab.ts";

const PAGE_BYTES = 4096;
/** A small file system lives in memory: it is never larger than this unless the person says so. */
const MAX_SMALL_BYTES = 64 * 1024 * 1024;
/** Every call that can be told that the disk is full. */
const CALLS =
  "write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile,splice,fallocate,ftruncate,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,fsync,fdatasync,msync,close";
const TRACE = ["-Z", "-e", `trace=${CALLS}`];
const KEEP = { followLinks: false };
/** Without a small file system strace itself refuses the writes to the output's path. */
const INJECTED_CALLS = "write,pwrite64,writev,copy_file_range,sendfile,fallocate,ftruncate";

/** F-CHAOS-005: the file system under the output fills up half way. */
export const diskFull: Fault = {
  id: "F-CHAOS-005",
  title: "disk full",
  async run(lab) {
    const { outputFolder } = lab.slot;
    const whole = lab.baseline.output?.size_bytes ?? 0;
    if (outputFolder === null) {
      return notTried({ code: "no-output-named" }, "the command names no output: use {out} or --output");
    }
    const limit = lab.options.diskLimitBytes ?? Math.min(MAX_SMALL_BYTES, pages(Math.floor(whole / 2)));
    if (limit >= pages(whole)) {
      const happened = `the output (${formatBytes(whole)}) fits a disk of ${formatBytes(limit)}: nothing can be refused`;
      return notTried({ code: "not-fired", limit_bytes: limit, output_bytes: whole }, happened);
    }
    await lab.slot.reset();
    const found = (await onSmallDisk(lab, outputFolder, limit)) ?? (await byInjection(lab));
    return [found];
  },
};

function pages(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / PAGE_BYTES)) * PAGE_BYTES;
}

/** Null where the host forbids mounting. */
async function onSmallDisk(lab: Lab, folder: string, limit: number): Promise<Finding | null> {
  const { slot } = lab;
  const holdsModel = slot.model !== null && slot.model.path.startsWith(`${folder}/`);
  const room = limit + (holdsModel ? pages(lab.modelBytes) : 0);
  await slot.world.files.makeFolder(slot.cell.view(folder));
  if (!(await slot.cell.mountSmall(folder, room))) return null;
  let done: Attempt;
  let full: boolean;
  try {
    if (holdsModel) await slot.model?.copyAgain();
    done = await lab.attempt({
      keepLeft: true,
      ...(lab.bench.tools.strace === undefined ? {} : { trace: TRACE }),
    });
    full = (await slot.world.files.space(slot.cell.view(folder))).freeBytes === 0;
    await keepLeftovers(lab, folder);
  } finally {
    await slot.cell.unmount(folder);
  }
  await restoreLeftovers(lab, folder);
  const refused = refusedCall(done.trace);
  const proof =
    refused ?? (full ? "the file system was seen full, and the output cannot fit" : "no call was refused");
  const reproduce = lab.reproduction.onSmallDisk(room, holdsModel);
  const happened = describe(lab, done);
  return refusal(lab, done, "disk", { fired: refused !== null || full, proof, happened, reproduce });
}

/** The first call that the kernel refused for want of space, as strace logged it. */
function refusedCall(trace: string | null): string | null {
  const line = trace?.split("\n").find((text) => / = -1 (ENOSPC|EDQUOT)\b/.test(text));
  return line === undefined ? null : line.replace(/^\d+\s+/, "").slice(-200);
}

async function byInjection(lab: Lab): Promise<Finding> {
  const path = lab.slot.outputPath ?? "";
  const { strace } = lab.bench.tools;
  if (strace === undefined) {
    const happened =
      "this host allows neither a small file system nor strace: install strace, or allow user namespaces";
    return notTried({ code: "not-fired", remedy: "apt-get install strace" }, happened)[0] as Finding;
  }
  const rule = `inject=${INJECTED_CALLS}:error=ENOSPC:when=2+`;
  const { statePath } = lab.slot;
  const done = await lab.attempt({
    trace: [
      "-P",
      path,
      ...(statePath === null ? [] : ["-P", statePath]),
      "-e",
      `trace=${INJECTED_CALLS}`,
      "-e",
      rule,
    ],
    keepLeft: true,
  });
  const line = done.trace?.split("\n").find((text) => text.includes("(INJECTED)"));
  const proof = line === undefined ? "no write to the output's path was refused" : line.slice(-200);
  const reproduce = lab.reproduction.with(
    (command) => `strace -f -o /dev/null -P ${lab.reproduction.output} -e ${rule} ${command}; echo "exit $?"`,
  );
  return refusal(lab, done, "disk", {
    fired: line !== undefined,
    proof: `${proof} (injected by strace: no namespace here)`,
    happened: describe(lab, done),
    reproduce,
  });
}

/** What lies on the small disk is set aside, so that the recovery run finds it on a disk with room. */
async function keepLeftovers(lab: Lab, folder: string): Promise<void> {
  const { files } = lab.slot.world;
  await files.remove(asideOf(lab));
  await copyTree(files, lab.slot.cell.view(folder), asideOf(lab), KEEP);
}

async function restoreLeftovers(lab: Lab, folder: string): Promise<void> {
  const { files } = lab.slot.world;
  const target = lab.slot.cell.view(folder);
  await files.remove(target);
  await copyTree(files, asideOf(lab), target, KEEP);
  await files.remove(asideOf(lab));
}

/** Not in the slot: a program that makes links there must not lead apr anywhere. */
function asideOf(lab: Lab): string {
  return `${lab.bench.mark}/aside`;
}
