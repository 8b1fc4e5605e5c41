import { describe, expect, test } from "vitest";
import { readCalls, readTraceFacts } from "./syscalls.ts";

const LOG = [
  '10 execve("/usr/bin/cp", ["cp"], 0x1 /* 9 vars */) = 0',
  '10 openat(AT_FDCWD</s/place>, "/s/model/m", O_RDONLY) = 3</s/model/m>',
  '10 openat(AT_FDCWD</s/place>, "rel", O_WRONLY|O_CREAT, 0644) = 4</s/place/rel>',
  '11 write(4</s/place/rel>, "a\\"b"..., 16) = 16',
  '10 write(4</s/place/rel>, "x", 1 <unfinished ...>',
  "10 <... write resumed>)                  = 1",
  '10 write(5<TCP:[127.0.0.1:5->127.0.0.1:6]>, "x", 1) = 1',
  '10 rename("/s/a", "/s/b \\303\\251") = 0',
  "10 copy_file_range(3</s/model/m>, NULL, 4</s/place/rel>, NULL, 9, 0) = 9",
  "10 +++ exited with 0 +++",
].join("\n");

describe("calls of a log", () => {
  const calls = readCalls(LOG, "/s/place");
  const of = (name: string) => calls.filter((call) => call.name === name);

  test("are counted for each thread", () => {
    expect(of("write").map(({ pid, occurrence }) => [pid, occurrence])).toEqual([
      [11, 1],
      [10, 1],
      [10, 2],
    ]);
  });

  test("name their paths, relative ones in full", () => {
    expect(of("openat").map(({ paths }) => paths)).toEqual([["/s/model/m"], ["/s/place/rel"]]);
    expect(of("openat").map(({ exact }) => exact)).toEqual([["/s/model/m", "/s/model/m"], ["/s/place/rel"]]);
    expect(of("write")[0]?.paths).toEqual(["/s/place/rel"]);
    expect(of("copy_file_range")[0]?.paths).toEqual(["/s/model/m", "/s/place/rel"]);
    expect(of("rename")[0]).toMatchObject({ paths: ["/s/a", "/s/b é"], exact: ["/s/a"] });
  });

  test("tell a network connection from a file", () => {
    expect(calls.filter(({ socket }) => socket).map(({ name }) => name)).toEqual(["write"]);
  });
});

describe("what an injected run's log proves", () => {
  test("an error, with the call", () => {
    const log =
      '7 write(4, "x", 1) = -1 ENOSPC (No space left on device) (INJECTED)\n7 +++ exited with 1 +++';
    expect(readTraceFacts(log, { kind: "error" })).toEqual({
      proof: 'write(4, "x", 1) = -1 ENOSPC (No space left on device) (INJECTED)',
      hits: 1,
      killedBy: null,
      mainEnded: true,
    });
  });

  test("nothing, when another thread's call was hit", () => {
    const log =
      '7 write(9</other>, "x", 1) = -1 EIO (Input/output error) (INJECTED)\n7 +++ exited with 1 +++';
    expect(readTraceFacts(log, { kind: "error", own: "/s" }).proof).toBeNull();
    expect(readTraceFacts(log, { kind: "error", own: "/other" }).proof).not.toBeNull();
  });

  test("a signal, with the call before it", () => {
    const log =
      '7 write(4, "x", 1) = 1\n7 --- SIGTERM {si_signo=SIGTERM, si_code=SI_KERNEL} ---\n7 +++ killed by SIGTERM +++';
    expect(readTraceFacts(log, { kind: "signal", signal: "SIGTERM" })).toMatchObject({
      proof: 'write(4, "x", 1) = 1 · --- SIGTERM {si_signo=SIGTERM, si_code=SI_KERNEL} ---',
      killedBy: "SIGTERM",
    });
  });

  test("nothing, when it was not reached", () => {
    expect(readTraceFacts("7 +++ exited with 0 +++", { kind: "error" }).proof).toBeNull();
    expect(readTraceFacts("", { kind: "signal", signal: "SIGKILL" })).toMatchObject({
      proof: null,
      mainEnded: false,
    });
  });
});
