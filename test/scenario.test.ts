import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { apr } from "./support/cli.ts";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

const LIMIT_MS = 110_000;

interface RunDocument {
  readonly exit_code: number;
  readonly subjects: readonly {
    readonly ok: boolean;
    readonly problems: readonly string[];
    readonly fresh: readonly string[];
    readonly known: readonly string[];
    readonly expired: readonly string[];
    readonly fixed: readonly string[];
  }[];
}

async function run(
  file: string,
  ...flags: string[]
): Promise<RunDocument["subjects"][number] & { code: number }> {
  const result = await apr(["qa", "run", file, "--json", ...flags]);
  const document = result.json() as RunDocument;
  expect(document, result.stderr).toHaveProperty("subjects");
  expect(result.code).toBe(document.exit_code);
  const [subject] = document.subjects;
  if (subject === undefined) throw new Error("no subject in the report");
  return { ...subject, code: document.exit_code };
}

it("a first scenario holds; a new, an expired and a fixed failure break it", {
  timeout: LIMIT_MS,
}, async (context) => {
  needs(context, "strace", "unshare");
  const file = join(tempDir(), "apr-qa.yaml");
  const init = await apr(["qa", "init", "--file", file, "--", "cp", "{model}", "{out}"]);
  expect(init.code, init.stderr).toBe(0);
  const again = await apr(["qa", "init", "--file", file, "--", "cp", "{model}", "{out}"]);
  expect(again.code).toBe(5);

  const first = await run(file);
  expect(first).toMatchObject({ ok: true, code: 0, fresh: [], expired: [], fixed: [] });
  expect(first.known).toContain("partial output: SIGTERM");

  const text = readFileSync(file, "utf8");
  const entry = /\n {6}- finding: "?partial output: SIGTERM"?\n(?: {8}.*\n)*/.exec(text)?.[0] ?? "";
  expect(entry).not.toBe("");
  writeFileSync(file, text.replace(entry, "\n"));
  const fresh = await run(file, "--sarif", join(tempDir(), "x.sarif"));
  expect(fresh).toMatchObject({ ok: false, code: 5, fresh: ["partial output: SIGTERM"] });

  writeFileSync(file, text.replace(entry, entry.replace(/until: .*/, "until: 2020-01-01")));
  expect(await run(file)).toMatchObject({
    ok: false,
    code: 5,
    expired: ["partial output: SIGTERM"],
    fresh: [],
  });

  writeFileSync(
    file,
    text.replace(entry, `${entry}${entry.slice(1).replace("partial output: SIGTERM", "hang: SIGTERM")}`),
  );
  expect(await run(file)).toMatchObject({ ok: false, code: 5, fixed: ["hang: SIGTERM"], fresh: [] });
});

it("a file that is no scenario is refused with its place", async () => {
  const file = join(tempDir(), "bad.yaml");
  const refused = async (text: string): Promise<string> => {
    writeFileSync(file, text);
    const result = await apr(["qa", "run", file, "--json"]);
    expect(result.code).toBe(4);
    return (result.json() as { error: { message: string } }).error.message;
  };
  expect(await refused("version: 1\nsubjects:\n  - comand: cp\n")).toContain(
    "subjects[0].comand must be one of",
  );
  expect(await refused("a: [1\n")).toContain(file);
  expect(await refused("a: 1\na: 2\n")).toContain("unique");
  const bomb = [
    "a: &a [x,x,x,x,x,x,x,x,x]",
    ..."bcdefgh".split("").map((name, index) => `${name}: &${name} [${`*${"abcdefg"[index]},`.repeat(9)}]`),
  ];
  expect(await refused(bomb.join("\n"))).toContain("alias");
  expect((await apr(["qa", "run", join(file, "nothing")])).code).toBe(4);
  expect((await apr(["qa", "run", `${file}.not`])).code).toBe(3);
});
