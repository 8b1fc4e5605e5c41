import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { apr } from "./support/cli.ts";
import { tempDir } from "./support/temp.ts";

const pass = '{"gate":"crux-f-13/size","evidence":{"bytes":1}}';
const fail =
  '{"gate":"F-CHAOS-004","evidence":{"output_file_existed":true,"force_flag":false,"exit_code":0}}';
const unsure = '{"gate":"APR-CHAOS-FIRED","evidence":{"fired":false}}';

const passed = { gate: "crux-f-13/size", verdict: "pass", reason: null, judged: "captured" };
const failed = {
  gate: "apr-qa-chaos-v1/F-CHAOS-004",
  verdict: "fail",
  reason: { code: "silent-overwrite" },
  judged: "captured",
};
const notSure = {
  gate: "apr-qa-chaos-v1/APR-CHAOS-FIRED",
  verdict: "inconclusive",
  reason: { code: "not-fired" },
  judged: "captured",
};
const broken = (kind: string, line: number): object => ({
  error: { kind, line, message: expect.any(String) as string },
});

async function batch(input: string | Buffer): Promise<{ code: number | null; lines: unknown[] }> {
  const { code, stdout, stderr } = await apr(["lint", "--batch", "-"], { input });
  expect(stderr).toBe("");
  const lines = stdout.split("\n").filter((line) => line !== "");
  return { code, lines: lines.map((line) => JSON.parse(line) as unknown) };
}

test.each<[string, string, number, unknown[]]>([
  ["nothing", "", 0, []],
  ["blank lines", "\n \r\n\n", 0, []],
  ["all pass", `${pass}\n${pass}\n`, 0, [passed, passed]],
  ["no line feed at the end", `${pass}\n${pass}`, 0, [passed, passed]],
  ["carriage returns", `${pass}\r\n${pass}\r\n`, 0, [passed, passed]],
  ["one is inconclusive", `${pass}\n${unsure}\n`, 6, [passed, notSure]],
  ["one is broken", `${unsure}\n{oops\n${pass}`, 4, [notSure, broken("malformed", 2), passed]],
  ["one fails", `{oops\n${fail}\n${unsure}`, 5, [broken("malformed", 1), failed, notSure]],
  ["lines are counted with the blank ones", `\n\n[]\n${pass}`, 4, [broken("malformed", 3), passed]],
  ["an unknown gate", `{"gate":"nothing","evidence":{}}\n${pass}`, 4, [broken("usage", 1), passed]],
  ["no gate", `{"evidence":{}}\n${pass}`, 4, [broken("malformed", 1), passed]],
  ["too deep", `${"[".repeat(5000)}\n${pass}`, 4, [broken("malformed", 1), passed]],
])("%s", async (_name, input, code, lines) => {
  expect(await batch(input)).toEqual({ code, lines });
});

test("no evidence lacks a field, evidence of another kind is malformed", async () => {
  const { lines } = await batch('{"gate":"crux-f-13/size"}\n{"gate":"crux-f-13/size","evidence":[]}');
  expect(lines).toMatchObject([
    { reason: { code: "missing-evidence", field: "bytes" } },
    { reason: { code: "malformed-evidence" } },
  ]);
});

test("only the line that is not UTF-8 is refused", async () => {
  const bad = Buffer.concat([Buffer.from(`${pass}\n"`), Buffer.from([0xe9]), Buffer.from(`"\n${pass}\n`)]);
  expect(await batch(bad)).toEqual({ code: 4, lines: [passed, broken("malformed", 2), passed] });
});

test("lines longer than a block, in order", async () => {
  const long = (size: number): string =>
    JSON.stringify({ gate: "F-CHAOS-002", evidence: { exit_code: 1, stderr: `${"é".repeat(size)} memory` } });
  const sizes = [500_000, 3, 1_500_000, 0, 524_288];
  const { code, lines } = await batch(sizes.map((size) => `${long(size)}\n${unsure}\n`).join(""));
  expect(code).toBe(6);
  expect(lines).toEqual(
    sizes.flatMap(() => [
      { gate: "apr-qa-chaos-v1/F-CHAOS-002", verdict: "pass", reason: null, judged: "captured" },
      notSure,
    ]),
  );
});

test("a line over the limit is refused, what follows is judged", async () => {
  const input = Buffer.concat([
    Buffer.from(`${pass}\n`),
    Buffer.alloc(70 * 1024 * 1024, "x"),
    Buffer.from(`\n${pass}\n`),
  ]);
  expect(await batch(input)).toEqual({ code: 4, lines: [passed, broken("malformed", 2), passed] });
});

test("100,000 lines from a file keep their order", async () => {
  const path = join(tempDir(), "requests.jsonl");
  const lines = Array.from({ length: 100_000 }, (_, index) => {
    const evidence = { exit_code: 0, check_passed: null, output_equal: index % 7 === 0 };
    return JSON.stringify({ gate: "APR-CHAOS-NO-SILENT-LOSS", evidence });
  });
  writeFileSync(path, lines.join("\n"));
  const { code, stdout } = await apr(["lint", "--batch", path]);
  const words = stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { verdict: string }).verdict);
  expect(code).toBe(5);
  expect(words).toEqual(lines.map((_, index) => (index % 7 === 0 ? "pass" : "fail")));
});

test.each<[string, unknown[]]>([
  ["", []],
  [`${pass}\n{oops\n${fail}\n`, [passed, broken("malformed", 2), failed]],
])("--json puts the lines into one array", async (input, expected) => {
  const { json } = await apr(["lint", "--batch", "-", "--json"], { input });
  expect(json()).toEqual(expected);
});

test("a reader that goes away ends it quietly", () => {
  const path = join(tempDir(), "requests.jsonl");
  writeFileSync(path, `${pass}\n`.repeat(200_000));
  const entry = new URL("../dist/apr.cjs", import.meta.url).pathname;
  const { status, stdout, stderr } = spawnSync(
    "sh",
    ["-c", '"$0" "$1" lint --batch "$2" | head -n 1', process.execPath, entry, path],
    { encoding: "utf8" },
  );
  expect({ status, stdout: JSON.parse(stdout) as unknown, stderr }).toEqual({
    status: 0,
    stdout: passed,
    stderr: "",
  });
});
