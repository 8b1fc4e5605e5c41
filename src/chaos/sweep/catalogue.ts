import type { Role } from "./point.ts";

/** A group of system calls with the errors that a kernel really gives for them. */
interface Family {
  readonly calls: readonly string[];
  readonly errors: readonly string[];
  readonly roles: readonly Role[];
}

const FILES: readonly Role[] = ["output", "model", "state", "file"];
const WRITTEN: readonly Role[] = [...FILES, "stdout"];

const FAMILIES: readonly Family[] = [
  {
    calls: [
      ...["write", "pwrite64", "writev", "pwritev", "pwritev2"],
      ...["copy_file_range", "sendfile", "fallocate", "ftruncate"],
    ],
    errors: ["ENOSPC", "EIO", "EDQUOT", "EINTR"],
    roles: WRITTEN,
  },
  { calls: ["fsync", "fdatasync", "sync_file_range", "msync"], errors: ["EIO"], roles: WRITTEN },
  { calls: ["close"], errors: ["EIO"], roles: WRITTEN },
  {
    calls: ["open", "openat", "creat"],
    errors: ["ENOSPC", "EACCES", "EMFILE", "ENFILE"],
    roles: FILES,
  },
  {
    calls: ["rename", "renameat", "renameat2", "link", "linkat"],
    errors: ["ENOSPC", "EACCES", "EXDEV"],
    roles: FILES,
  },
  { calls: ["mkdir", "mkdirat", "symlink", "symlinkat"], errors: ["ENOSPC", "EACCES"], roles: FILES },
  { calls: ["read", "pread64", "readv", "preadv", "preadv2"], errors: ["EIO"], roles: FILES },
  { calls: ["mmap", "brk", "mremap"], errors: ["ENOMEM"], roles: ["memory"] },
  {
    calls: [
      ...["connect", "sendto", "sendmsg", "recvfrom", "recvmsg"],
      ...["read", "write", "readv", "writev"],
    ],
    errors: ["ECONNRESET"],
    roles: ["network"],
  },
];

/** Calls before which a signal is sent: those that change something on the disk. */
const CHANGES: ReadonlySet<string> = new Set([
  ...["write", "pwrite64", "writev", "pwritev", "pwritev2", "copy_file_range", "sendfile", "fallocate"],
  ...[
    "ftruncate",
    "fsync",
    "fdatasync",
    "close",
    "open",
    "openat",
    "creat",
    "rename",
    "renameat",
    "renameat2",
  ],
  ...["link", "linkat", "mkdir", "mkdirat", "symlink", "symlinkat", "unlink", "unlinkat", "rmdir"],
  ...["chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "utimensat", "ioctl"],
]);

export const SIGNALS: readonly string[] = ["SIGKILL", "SIGTERM", "SIGINT"];

/** A kernel that is interrupted again and again does not exist: a program that tries again would never end. */
const ONCE_ONLY: ReadonlySet<string> = new Set(["EINTR"]);

/** Every error that the sweep knows. */
export const ERRORS: readonly string[] = [...new Set(FAMILIES.flatMap(({ errors }) => errors))];

/** The faults that make sense at a call on a file of this role. */
export function faultsAt(call: string, role: Role, text: string): readonly string[] {
  const errors = FAMILIES.filter(({ calls, roles }) => calls.includes(call) && roles.includes(role)).flatMap(
    (family) => family.errors,
  );
  const opens = call === "open" || call === "openat";
  const fitting = opens && !text.includes("O_CREAT") ? errors.filter((error) => error !== "ENOSPC") : errors;
  const signals = role !== "memory" && role !== "network" && CHANGES.has(call) ? SIGNALS : [];
  return [...fitting, ...signals];
}

export function mayLast(fault: string): boolean {
  return !ONCE_ONLY.has(fault) && !fault.startsWith("SIG");
}

/** Every call that the baseline's log must show. */
export function watchedCalls(): readonly string[] {
  return [...new Set([...FAMILIES.flatMap(({ calls }) => calls), ...CHANGES, "execve", "munmap"])];
}
