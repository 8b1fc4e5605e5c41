import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { APR } from "./support/cli.ts";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

/** Runs a command in a terminal of its own, presses Ctrl-C when it says `ready`, and prints what came. */
const TERMINAL = `
import os, pty, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
out, sent, end = b"", False, time.time() + 60
while time.time() < end:
    if not select.select([fd], [], [], 0.1)[0]:
        continue
    try:
        piece = os.read(fd, 4096)
    except OSError:
        break
    if not piece:
        break
    out += piece
    if b"ready" in out and not sent:
        sent = True
        os.write(fd, b"\\x03")
sys.stdout.write(out.decode())
sys.exit(os.WEXITSTATUS(os.waitpid(pid, 0)[1]))
`;

const COUNTS = `
import signal, sys, time
count = 0
def on_signal(*_):
    global count
    count += 1
signal.signal(signal.SIGINT, on_signal)
print("ready", sys.stdin.isatty(), sys.stdout.isatty(), flush=True)
for _ in range(400):
    time.sleep(0.01)
    if count > 0:
        break
time.sleep(0.4)
print("count", count)
`;

test("in a terminal: it is the program's, and Ctrl-C reaches it once", (context) => {
  needs(context, "python3");
  const folder = tempDir();
  const [terminal, counts] = [join(folder, "in_terminal.py"), join(folder, "counts.py")];
  writeFileSync(terminal, TERMINAL);
  writeFileSync(counts, COUNTS);
  const run = [terminal, process.execPath, APR, "run", "--", "python3", counts];
  const { status, stdout } = spawnSync("python3", run, { encoding: "utf8" });
  // Where the terminal shows the key depends on the moment.
  expect({ status, text: stdout.replaceAll(/\r|\^C/g, "") }).toEqual({
    status: 0,
    text: "ready True True\ncount 1\n",
  });
});

test("in a terminal, a few lines below the breadcrumb say what happened", (context) => {
  needs(context, "python3", "sh");
  const terminal = join(tempDir(), "in_terminal.py");
  writeFileSync(terminal, TERMINAL);
  const death = "echo 'memory allocation of 2097152 bytes failed' >&2; exit 1";
  const run = [terminal, process.execPath, APR, "run", "--", "sh", "-c", death];
  const { status, stdout } = spawnSync("python3", run, { encoding: "utf8" });
  const path = /^OOM_REPORT path=(\S+)/m.exec(stdout)?.[1] ?? "";
  spawnSync("rm", ["-f", path]);
  expect(status).toBe(1);
  expect(stdout).toContain("refused by its allocator");
  expect(stdout).toContain("asked for 2 MiB");
  expect(stdout).toContain(`apr oom show ${path}`);
});
