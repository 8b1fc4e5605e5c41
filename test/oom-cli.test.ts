import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { APR, apr } from "./support/cli.ts";
import { byVerdict, type LintDocument } from "./support/lint.ts";
import { writeGguf } from "./support/models/gguf.ts";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

const FIXTURES = "test/fixtures/oom";
const MOSAIC = `${FIXTURES}/mosaic-synthetic.pickle`;

function file(name: string, content: string | Uint8Array): string {
  const path = join(tempDir(), name);
  writeFileSync(path, content);
  return path;
}

describe("apr oom ingest", () => {
  test.each([
    ["mosaic-synthetic.pickle", "pytorch-snapshot"],
    ["node_oom_report.json", "node-report"],
    ["kernel_memcg_oom.txt", "kernel-log"],
    ["node_oom_stderr.txt", "log"],
  ])("%s becomes a report that passes every gate that needs no stderr", async (name, kind) => {
    const out = join(tempDir(), "report.json");
    const made = await apr(["oom", "ingest", `${FIXTURES}/${name}`, "--out", out, "--exit-code", "137"]);
    expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: "" });
    expect(made.stdout).toContain(`${kind} →`);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const judged = (await apr(["lint", "oom", out, "--json"])).json() as LintDocument;
    expect(byVerdict(judged, "fail")).toEqual([]);
    expect(byVerdict(judged, "pass")).toHaveLength(6);
    // What the product writes it shows, and gives back as it is.
    const again = await apr(["oom", "ingest", out]);
    expect(again.stdout).toBe(readFileSync(out, "utf8"));
  });

  test("stdin is read as a file is, also a pickle", async () => {
    const { code, json } = await apr(["oom", "ingest", "-"], { input: readFileSync(MOSAIC) });
    expect(code).toBe(0);
    expect(json()).toMatchObject({ read_from: "pytorch-snapshot", peak_allocated_bytes: 2_255_398_598 });
  });

  test.each<[name: string, content: string | Uint8Array, code: number, words: RegExp]>([
    ["cut.pickle", readFileSync(MOSAIC).subarray(0, 60_000), 4, /ends at byte 60000/],
    [
      "global.pickle",
      Buffer.from("\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R.", "latin1"),
      4,
      /opcode 0x63 at byte 2/,
    ],
    ["number.pickle", Buffer.from("\x80\x04K\x07.", "latin1"), 4, /holds no memory snapshot/],
    ["calm.txt", "all is well\n", 4, /no out-of-memory that apr knows/],
    ["other.json", '{"a":1}', 4, /neither an out-of-memory report nor/],
    ["empty", "", 4, /no out-of-memory that apr knows/],
  ])("%s is refused, with what to do", async (name, content, code, words) => {
    const path = file(name, content);
    const plain = await apr(["oom", "ingest", path]);
    expect({ code: plain.code, stdout: plain.stdout }).toEqual({ code, stdout: "" });
    expect(plain.stderr).toMatch(words);
    expect(plain.stderr).toContain(name);
    const { json } = await apr(["oom", "ingest", path, "--json"]);
    expect(json()).toMatchObject({ error: { kind: "malformed", exit_code: code } });
  });

  test.for<[what: string, piece: string]>([
    ["lists", "]"],
    ["lists with numbers", "]\x94"],
    ["dicts in dicts", "}\x8c\x01a"],
    ["numbers", "K\x01"],
    ["marks", "("],
    ["strings of their own", "\x8c\x08%d\x94"],
  ])("12 MB of %s: refused, in 512 MiB of memory", ([, piece], context) => {
    needs(context, "time");
    const repeated = piece.includes("%d")
      ? Array.from({ length: 1_000_000 }, (__, index) => piece.replace("%d", String(index).padStart(8))).join(
          "",
        )
      : piece.repeat(12_000_000 / piece.length);
    const path = file("hostile.pickle", Buffer.from(`\x80\x04${repeated}`, "latin1"));
    const { status, stdout, stderr } = spawnSync(
      "time",
      ["-f", "%M", process.execPath, APR, "oom", "ingest", path],
      {
        encoding: "utf8",
      },
    );
    expect({ status, stdout }).toEqual({ status: 4, stdout: "" });
    expect(Number(stderr.trim().split("\n").at(-1))).toBeLessThan(512 * 1024);
  });

  test("a file that exists is kept without --force; one that is missing is exit 3", async () => {
    const out = file("there.json", "old");
    const kept = await apr(["oom", "ingest", MOSAIC, "--out", out]);
    expect({ code: kept.code, old: readFileSync(out, "utf8") }).toEqual({ code: 5, old: "old" });
    expect((await apr(["oom", "ingest", MOSAIC, "--out", out, "--force"])).code).toBe(0);
    expect(readFileSync(out, "utf8")).toContain("peak_allocated_bytes");
    expect((await apr(["oom", "ingest", join(out, "nothing")])).code).toBe(3);
    expect((await apr(["oom", "ingest", MOSAIC, "--exit-code", "x"])).code).toBe(2);
  });
});

describe("apr oom show and diff", () => {
  test("one screen, with what died first", async () => {
    const { code, stdout } = await apr(["oom", "show", `${FIXTURES}/kernel_memcg_oom.txt`]);
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines[0]).toContain("out of memory, told by kernel-memcg (cgroup): hog (15858)");
    expect(stdout).toContain("limit      100 MiB (/lab)");
    expect(stdout).toContain("not known  last_100_ops, exit_code");
    const snapshot = await apr(["oom", "show", MOSAIC]);
    expect(snapshot.stdout).toMatch(/curve +[▁▂▃▄▅▆▇█]+ device 0 allocated, up to 2\.1 GiB/);
    expect(snapshot.stdout).toContain("94.5 MiB in 1 block\n");
    expect(snapshot.stdout.split("\n").length).toBeLessThan(60);
  });

  test("names in a report cannot drive the terminal", async () => {
    const report = {
      peak_allocated_bytes: 1,
      largest_alloc_stack: ["\u001b[31mred\u0007"],
      tensor_histogram: { "\u001b]0;x": 1 },
      notes: ["\u202eflipped"],
      cause: { tool: "\u001bc", killer: "gpu", message: "a\u001b[2Jb" },
    };
    const { code, stdout } = await apr(["oom", "show", file("report.json", JSON.stringify(report))]);
    expect(code).toBe(0);
    expect(stdout).toContain("\\x1b[31mred");
    // oxlint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test("what grew comes first, by stack", async () => {
    const holder = (bytes: number, blocks: number, name: string): object => ({
      bytes,
      blocks,
      stack: ["a.py:1 main", name],
    });
    const report = (peak: number, holders: object[]): string =>
      file(
        "report.json",
        JSON.stringify({
          peak_allocated_bytes: peak,
          peak_reserved_bytes: peak,
          tensor_histogram: { "<1KiB": holders.length },
          snapshot: { holders },
        }),
      );
    const before = report(3000, [holder(2000, 2, "b.py:2 keep"), holder(1000, 1, "c.py:3 gone")]);
    const after = report(9000, [holder(8500, 9, "d.py:4 new"), holder(2000, 2, "b.py:2 keep")]);
    const { code, json } = await apr(["oom", "diff", before, after, "--json"]);
    expect(code).toBe(0);
    expect(json()).toMatchObject({
      peak_allocated_bytes: [3000, 9000],
      holders: [
        { stack: ["a.py:1 main", "d.py:4 new"], bytes: [0, 8500], blocks: [0, 9] },
        { stack: ["a.py:1 main", "c.py:3 gone"], bytes: [1000, 0], blocks: [1, 0] },
      ],
      histogram: [],
    });
    const text = (await apr(["oom", "diff", before, after])).stdout;
    expect(text).toContain("+5.9 KiB");
    expect(text.indexOf("d.py:4 new")).toBeLessThan(text.indexOf("c.py:3 gone"));
    expect((await apr(["oom", "diff", "-", "-"])).code).toBe(2);
  });
});

/** What Llama 3.1 8B states. */
const LLAMA = {
  context_length: 8192,
  embedding_length: 4096,
  block_count: 32,
  "attention.head_count": 32,
  "attention.head_count_kv": 8,
  vocab_size: 32_000,
};

describe("apr oom fit", () => {
  const model = (): string =>
    file(
      "tiny.gguf",
      writeGguf({
        metadata: [
          ["general.architecture", { type: "string", value: "llama" }],
          ...Object.entries(LLAMA).map(([key, value]) => [`llama.${key}`, { type: "u32", value }] as const),
        ],
      }),
    );

  test("keys and values of the context, a verdict, and what would make it fit", async () => {
    const path = model();
    const plain = await apr(["oom", "fit", path, "--context", "8192", "--json"]);
    expect(plain.code).toBe(0);
    expect(plain.json()).toMatchObject({ kv_bytes: 1024 ** 3, fits: null, missing: [] });
    const fits = await apr(["oom", "fit", path, "--context", "8192", "--memory", "4"]);
    expect({ code: fits.code, first: fits.stdout.split("\n")[0] }).toMatchObject({ code: 0 });
    expect(fits.stdout).toMatch(/fits: 1\.\d GiB for 8192 tokens, of 4 GiB/);
    const tight = await apr(["oom", "fit", path, "--context", "8192", "--memory", "1GiB"]);
    expect(tight.code).toBe(5);
    expect(tight.stdout).toMatch(/does not fit/);
    expect(tight.stdout).toMatch(/keys and values in q8_0/);
    expect(tight.stdout).toMatch(/a context of \d+ tokens/);
  });

  test("a model that states too little is exit 6 where a verdict was asked for", async () => {
    const path = file(
      "bare.gguf",
      writeGguf({ metadata: [["general.architecture", { type: "string", value: "llama" }]] }),
    );
    const { code, stdout } = await apr(["oom", "fit", path, "--memory", "4GiB"]);
    expect(code).toBe(6);
    expect(stdout).toContain("cannot be told");
    expect((await apr(["oom", "fit", join(path, "no"), "--context", "1"])).code).toBe(3);
    for (const bad of [
      ["--context", "0"],
      ["--context", "1.5"],
      ["--memory", "much"],
      ["--kv-type", "q1"],
    ]) {
      expect((await apr(["oom", "fit", path, ...bad])).code).toBe(2);
    }
  });
});

test("a file that cannot be read or written is told", async () => {
  const path = file("secret.txt", "MemoryError\n");
  chmodSync(path, 0o000);
  const asRoot = process.getuid?.() === 0;
  expect((await apr(["oom", "ingest", path])).code).toBe(asRoot ? 0 : 7);
  const missing = join(tempDir(), "no", "folder.json");
  expect((await apr(["oom", "ingest", MOSAIC, "--out", missing])).code).toBe(3);
});
