import { fail, gatesOf, inconclusive, pass } from "./define.ts";
import type { Contract } from "./types.ts";

// What apr needs of a machine, each need as a gate. Judged by `apr doctor` alone: a captured machine helps nobody.

/** Below this a store soon meets a full disk: most models are larger. */
const MIN_FREE_BYTES: number = 1024 ** 3;

const gate = gatesOf("apr-doctor-v1", "apr doctor");

const text = { kind: "string", optional: true, nullable: true } as const;

const storeWritable = gate({
  name: "APR-DOCTOR-STORE",
  origin: "strict",
  rule: "The store's folder can be written to, or made.",
  fields: {
    writable: { kind: "boolean", about: "The folder, or the one that it would be made in, takes files." },
  },
  codes: ["not-writable"],
  judge: ({ writable }) => (writable ? pass() : fail("not-writable")),
});

const storeSpace = gate({
  name: "APR-DOCTOR-SPACE",
  origin: "strict",
  rule: "The store's file system has at least 1 GiB free.",
  fields: { free_bytes: { kind: "u64", about: "Free for this person, bytes." } },
  codes: ["little-space"],
  judge: ({ free_bytes: free }) => (Number(free) >= MIN_FREE_BYTES ? pass() : fail("little-space")),
});

const NETWORK = new Set(["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "lustre", "afs"]);

const fileSystem = gate({
  name: "APR-DOCTOR-FILE-SYSTEM",
  origin: "strict",
  rule: "The store lies on a file system of this machine, where a sync reaches the medium.",
  fields: { type: { ...text, about: "The file system's type as the kernel names it." } },
  codes: ["network-file-system", "unknown-file-system"],
  judge: ({ type }) => {
    if (type === null || type === undefined) return inconclusive("unknown-file-system");
    return NETWORK.has(type) ? fail("network-file-system", { type }) : pass();
  },
});

const reflink = gate({
  name: "APR-DOCTOR-REFLINK",
  origin: "strict",
  rule: "The store's file system lets files share blocks: an import then takes no room.",
  fields: {
    reflink: { kind: "boolean", optional: true, nullable: true, about: "A trial file could be shared." },
  },
  codes: ["no-reflink", "not-tried"],
  judge: ({ reflink: shares }) => {
    if (shares === null || shares === undefined) return inconclusive("not-tried");
    return shares ? pass() : fail("no-reflink");
  },
});

const system = gate({
  name: "APR-DOCTOR-SYSTEM",
  origin: "strict",
  rule: "The system is Linux: faults come from its kernel.",
  fields: { platform: { kind: "string", about: "The system's name." } },
  codes: ["not-linux"],
  judge: ({ platform }) => (platform === "linux" ? pass() : fail("not-linux", { platform })),
});

const namespaces = gate({
  name: "APR-DOCTOR-NAMESPACES",
  origin: "strict",
  rule: "A user may make namespaces: they fence a command in and give it a small disk.",
  fields: {
    tool: { kind: "boolean", about: "The program unshare is there." },
    works: { kind: "boolean", about: "It made a user and a mount namespace." },
  },
  codes: ["no-unshare", "forbidden"],
  judge: ({ tool, works }) => (works ? pass() : fail(tool ? "forbidden" : "no-unshare")),
});

const strace = gate({
  name: "APR-DOCTOR-STRACE",
  origin: "strict",
  rule: "strace can trace: it proves that a fault fired.",
  fields: {
    tool: { kind: "boolean", about: "The program is there." },
    works: { kind: "boolean", about: "It traced a small program." },
    ptrace_scope: {
      kind: "integer",
      optional: true,
      nullable: true,
      about: "Who may trace whom, as Yama says.",
    },
  },
  codes: ["no-strace", "forbidden"],
  judge: ({ tool, works, ptrace_scope: scope }) => {
    if (works) return pass();
    if (!tool) return fail("no-strace");
    return scope === null || scope === undefined
      ? fail("forbidden")
      : fail("forbidden", { ptrace_scope: scope });
  },
});

const gnuTime = gate({
  name: "APR-DOCTOR-TIME",
  origin: "strict",
  rule: "GNU time is there: it alone measures a peak exactly.",
  fields: { tool: { kind: "boolean", about: "The program is there, and is GNU's." } },
  codes: ["no-gnu-time"],
  judge: ({ tool }) => (tool ? pass() : fail("no-gnu-time")),
});

const cgroup = gate({
  name: "APR-DOCTOR-CGROUP",
  origin: "strict",
  rule: "A version 2 cgroup with the memory controller is delegated to this person.",
  fields: {
    version: { kind: "integer", about: "2, 1, or 0 for none." },
    delegated: { kind: "boolean", about: "apr's own cgroup can be written to, memory controller included." },
  },
  codes: ["no-cgroup", "cgroup-v1", "not-delegated"],
  judge: ({ version, delegated }) => {
    if (Number(version) !== 2) return fail(Number(version) === 1 ? "cgroup-v1" : "no-cgroup");
    return delegated ? pass() : fail("not-delegated");
  },
});

const memory = gate({
  name: "APR-DOCTOR-MEMORY",
  origin: "strict",
  rule: "The kernel tells how much memory is available.",
  fields: {
    available_bytes: { kind: "u64", optional: true, nullable: true, about: "Available now, bytes." },
  },
  codes: ["not-told"],
  judge: ({ available_bytes: bytes }) => ((bytes ?? null) === null ? inconclusive("not-told") : pass()),
});

const gpu = gate({
  name: "APR-DOCTOR-GPU",
  origin: "strict",
  rule: "Where a GPU is wanted, CUDA's runtime works and shows one.",
  fields: {
    wanted: { kind: "boolean", about: "The chosen feature or the configured device asks for a GPU." },
    available: { kind: "boolean", about: "The driver answered with a device." },
    why: { ...text, about: "Why not, as a code." },
  },
  codes: ["no-gpu"],
  judge: ({ wanted, available, why }) => {
    if (available || !wanted) return pass();
    return fail("no-gpu", { why: why ?? "unknown" });
  },
});

const credentials = gate({
  name: "APR-DOCTOR-CREDENTIALS",
  origin: "strict",
  rule: "Every file of credentials that is there can be read as one.",
  fields: { unreadable: { kind: "strings", about: "Paths of files that cannot." } },
  codes: ["unreadable-credentials"],
  judge: ({ unreadable }) =>
    unreadable.length === 0 ? pass() : fail("unreadable-credentials", { path: unreadable[0] ?? "" }),
});

/** What `apr doctor` judges. */
export const doctorContract: Contract = {
  id: "apr-doctor-v1",
  version: "1",
  title: "What apr needs of this machine",
  gates: [
    ...[storeWritable, storeSpace, fileSystem, reflink, system, namespaces, strace],
    ...[gnuTime, cgroup, memory, gpu, credentials],
  ],
};
