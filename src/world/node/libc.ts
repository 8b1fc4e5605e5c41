// The few calls of the C library that Node has not. Source: pipe(2), wait4(2), sigaction(2) of Linux.

const SIGCHLD = 17;
const WNOHANG = 1;
const O_CLOEXEC = 0o2000000;
/** Larger than `struct sigaction` of any C library. */
const SIGACTION_BYTES = 256;
/** `struct rusage` of 64-bit Linux: 18 longs; the highest resident size, in KiB, is the fifth. */
const RUSAGE_BYTES = 144;
const MAXRSS_OFFSET = 32;

/** A child's end as the kernel tells it. */
export interface RawEnd {
  /** As `wait` gives it: the signal in the low 7 bits, the exit code above. */
  readonly status: number;
  readonly maxRssBytes: number;
}

export interface Libc {
  /** A real pipe: Node's own are sockets, which programs cannot open again through /dev/stderr. */
  pipe(): { readonly readFd: number; readonly writeFd: number };
  /** Collects a child in Node's place; call it in the same turn in which the child was started. */
  waitFor(pid: number): Promise<RawEnd>;
}

type Native = (...args: unknown[]) => number;
type AsyncNative = Native & { readonly async: (...args: unknown[]) => void };

let loaded: Promise<Libc | undefined> | undefined;

/** Undefined where there is no native bridge, or no 64-bit Linux. */
export function loadLibc(): Promise<Libc | undefined> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Libc | undefined> {
  if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch)) return undefined;
  try {
    const { default: koffi } = await import("koffi");
    // The C library that Node itself is linked to, whatever its name.
    const own = koffi.load(null);
    const pipe2 = own.func("int pipe2(void *fds, int flags)") as Native;
    const sigaction = own.func("int sigaction(int number, void *next, void *before)") as Native;
    const wait4 = own.func("int wait4(int pid, void *status, int options, void *usage)") as AsyncNative;
    return { pipe: () => openPipe(pipe2), waitFor: (pid) => collect(pid, wait4, sigaction) };
  } catch {
    return undefined;
  }
}

function openPipe(pipe2: Native): { readFd: number; writeFd: number } {
  const fds = new Int32Array(2);
  if (pipe2(fds, O_CLOEXEC) !== 0) throw new Error("no pipe for the program's stderr");
  return { readFd: fds[0] ?? -1, writeFd: fds[1] ?? -1 };
}

/**
 * Node asks for its children on SIGCHLD, and shows a death by a real-time signal as exit code 0. With the signal at
 * its default Node does not ask, and the status is ours. Other children are not noticed meanwhile.
 */
async function collect(pid: number, wait4: AsyncNative, sigaction: Native): Promise<RawEnd> {
  const status = new Int32Array(1);
  const usage = Buffer.alloc(RUSAGE_BYTES);
  const before = Buffer.alloc(SIGACTION_BYTES);
  sigaction(SIGCHLD, Buffer.alloc(SIGACTION_BYTES), before);
  try {
    // It may have ended in this very turn: then Node has not asked yet, but would before the thread does.
    let got = wait4(pid, status, WNOHANG, usage);
    if (got === 0) got = await waitInThread(pid, wait4, status, usage);
    if (got !== pid) throw new Error(`the end of process ${pid} was not seen`);
  } finally {
    sigaction(SIGCHLD, before, null);
  }
  return { status: status[0] ?? 0, maxRssBytes: Number(usage.readBigInt64LE(MAXRSS_OFFSET)) * 1024 };
}

/** A signal to this thread may interrupt the call: it is made again, a bounded number of times. */
async function waitInThread(
  pid: number,
  wait4: AsyncNative,
  status: Int32Array,
  usage: Buffer,
): Promise<number> {
  let got = -1;
  for (let attempt = 0; attempt < 1000 && got === -1; attempt++) {
    got = await new Promise<number>((resolve, reject) => {
      wait4.async(pid, status, 0, usage, (error: Error | null, result: number) => {
        if (error === null) resolve(result);
        else reject(error);
      });
    });
  }
  return got;
}
