import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../test/support/temp.ts";
import { Reproduction } from "./reproduce.ts";
import { parseTemplate } from "./template.ts";

test.each(["m.bin", "a b", `q'u"o`, "-dash", "$(touch pwned)", "new\nline", "`x`", "模型"])(
  "a shell reads the model %j back",
  (name) => {
    const folder = tempDir();
    const model = join(folder, name);
    writeFileSync(model, "weights");
    const template = parseTemplate(["cat", "--", "{model}"], undefined);
    const line = new Reproduction(template, model).with((command) => command);
    const env = { ...process.env, TMPDIR: folder };
    expect(execFileSync("sh", ["-c", line], { cwd: folder, env, encoding: "utf8" })).toBe("weights");
    expect(readdirSync(folder)).toHaveLength(2);
  },
);

test.each<[string[], string, string]>([
  [["x", "{out}", "", "a b"], "", `x "$d"/out/out '' 'a b'`],
  [["x", "--o={out}.gz"], "", `x --o="$d"/out/out.gz`],
  [["x", "{force}", "y"], "", "x y"],
  [["x", "{force}", "y"], "-f", "x -f y"],
  [["x", "y"], "-f", "x y -f"],
])("%j with force %j", (words, force, line) => {
  expect(new Reproduction(parseTemplate(words, undefined), null).command(force)).toBe(line);
});
