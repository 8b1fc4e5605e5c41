// Takes room on the disk before a copy. Node has no call for it. Source: Linux fallocate(2).

interface Libc {
  readonly fallocate: (fd: number, mode: number, offset: number, length: number) => number;
  readonly errno: () => number;
  readonly codes: Readonly<Record<string, number>>;
}

let loaded: Promise<Libc | null> | undefined;

/** Throws the system's error when the disk has no room; false where room cannot be reserved. */
export async function reserveSpace(fd: number, sizeBytes: number): Promise<boolean> {
  if (sizeBytes === 0) return true;
  loaded ??= load();
  const libc = await loaded;
  if (libc === null) return false;
  for (;;) {
    if (libc.fallocate(fd, 0, 0, sizeBytes) === 0) return true;
    const number = libc.errno();
    const code = Object.entries(libc.codes).find(([, value]) => value === number)?.[0] ?? "unknown";
    if (code === "EINTR") continue;
    // Only these say something about the disk; all others say that it cannot be asked.
    if (code !== "ENOSPC" && code !== "EDQUOT" && code !== "EFBIG" && code !== "EIO") return false;
    const words = code === "ENOSPC" ? "no space left on device" : "room could not be reserved";
    throw Object.assign(new Error(`${code}: ${words}, fallocate`), { code, syscall: "fallocate" });
  }
}

async function load(): Promise<Libc | null> {
  if (process.platform !== "linux") return null;
  try {
    const { default: koffi } = await import("koffi");
    const call = koffi
      .load("libc.so.6")
      .func("int fallocate(int fd, int mode, int64_t offset, int64_t length)");
    return {
      fallocate: call as Libc["fallocate"],
      errno: () => koffi.errno(),
      codes: koffi.os.errno,
    };
  } catch {
    return null;
  }
}
