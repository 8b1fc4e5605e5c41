// Calls that make a large copy safe and fast, and that Node has not. Source: Linux fallocate(2), sync_file_range(2).

interface Libc {
  readonly syncFileRange: (fd: number, offset: number, length: number, flags: number) => number;
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

const SYNC_FILE_RANGE_WRITE = 2;

/** Lets the disk begin to write a part of a file, without waiting for it. Changes nothing but the time of a later sync. */
export async function startWriteback(fd: number, offsetBytes: number, lengthBytes: number): Promise<void> {
  loaded ??= load();
  (await loaded)?.syncFileRange(fd, offsetBytes, lengthBytes, SYNC_FILE_RANGE_WRITE);
}

async function load(): Promise<Libc | null> {
  if (process.platform !== "linux") return null;
  try {
    const { default: koffi } = await import("koffi");
    const library = koffi.load("libc.so.6");
    const fallocate = "int fallocate(int fd, int mode, int64_t offset, int64_t length)";
    const range = "int sync_file_range(int fd, int64_t offset, int64_t length, uint flags)";
    return {
      fallocate: library.func(fallocate) as Libc["fallocate"],
      syncFileRange: library.func(range) as Libc["syncFileRange"],
      errno: () => koffi.errno(),
      codes: koffi.os.errno,
    };
  } catch {
    return null;
  }
}
