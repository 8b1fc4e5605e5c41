// Everything that a person, a program or a host can get wrong: each gets one clear line and the right exit code.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { codesOf, type ErrorDocument, faultOf, Stage } from "./support/chaos.ts";

const CP = ["cp", "{model}", "{out}"];
let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

async function refused(args: readonly string[], code: number, message: string | RegExp): Promise<void> {
  const result = await stage.run(args);
  const { error } = result.json() as ErrorDocument;
  expect(error.message).toMatch(message);
  expect({ code: result.code, lines: error.message.split("\n").length }).toEqual({ code, lines: 1 });
  expect(result.stderr).toContain(`apr: ${error.message}\n`);
}

describe("a command line that makes no sense", () => {
  it.for<[string, readonly string[], number, string | RegExp]>([
    ["no command", [], 2, "no command to break"],
    ["nothing after --", ["--"], 2, "no command to break"],
    ["an empty command", ["--", ""], 2, "name is empty"],
    ["an unknown placeholder", ["--", "cp", "{modle}", "{out}"], 2, "unknown placeholder {modle}"],
    ["{model} without --model", ["--", ...CP], 2, "no model was given"],
    ["two outputs", ["--", "cp", "{out}.a", "{out}.b"], 2, "more than one output"],
    ["an unknown program", ["--", "no-such-program"], 3, "does not exist or cannot be executed"],
    ["a program without permission", ["--", "./model.bin"], 3, "cannot be executed: ./model.bin"],
    ["an output elsewhere", ["--output", "/etc/x", "--", "true"], 2, "new path in the sandbox"],
    ["an output above", ["--output", "{tmp}/../../x", "--", "true"], 2, "new path in the sandbox"],
    ["no output's name", ["--output", "", "--", "true"], 2, "new path in the sandbox"],
    ["a folder of the sandbox", ["--output", "{tmp}", "--", "true"], 2, "new path in the sandbox"],
    ["the model as output", ["--output", "{model}", "--model", "model.bin", "--", "true"], 2, "new path"],
    ["an unknown fault", ["--faults", "006", "--", "true"], 2, "no such fault: 006"],
    ["no fault", ["--faults", "", "--", "true"], 2, "no such fault"],
    ["no repeats", ["--repeat", "0", "--", "true"], 2, "from 1 to 1000"],
    ["a negative count", ["--jobs=-1", "--", "true"], 2, "from 1 to 1000"],
    ["a time without unit", ["--timeout", "5", "--", "true"], 2, "not a duration"],
    ["no time", ["--timeout", "0s", "--", "true"], 2, "not a time from 1ms"],
    ["more time than a timer has", ["--timeout", "1000h", "--", "true"], 2, "not a time from 1ms"],
    ["a strange size", ["--memory-limit", "1XB", "--", "true"], 2, "not a size"],
    ["no room", ["--disk-limit", "0", "--", "true"], 2, "at least one byte"],
    ["an unclosed quote", ["--check", "cmp 'x", "--", "true"], 2, "unclosed quote"],
    ["an empty check", ["--check", " ", "--", "true"], 2, "the check is empty"],
    ["an unknown check", ["--check", "no-such-program {out}", "--", "true"], 3, "does not exist"],
    ["a folder as report", ["--junit", ".", "--", "true"], 2, "is a folder"],
    [
      "a report in no folder",
      ["--junit", "no/where.xml", "--", "true"],
      7,
      "cannot write the report.*ENOENT",
    ],
    ["evidence under a file", ["--keep", "model.bin/x", "--", "true"], 7, "cannot keep evidence.*ENOTDIR"],
    ["evidence under /proc", ["--keep", "/proc/none/x", "--", "true"], 7, "cannot keep evidence.*ENOENT"],
  ])("%s", ([, args, code, message]) => refused(args, code, new RegExp(message)));
});

describe("a model that is none", () => {
  it.for<[string, number, string, () => void]>([
    ["missing", 3, "cannot read the model .*ENOENT", () => {}],
    ["empty", 4, "empty$", () => writeFileSync(at("m"), "")],
    ["a folder without bytes", 4, "empty$", () => mkdirSync(at("m/sub"), { recursive: true })],
    ["a FIFO", 4, "neither a file nor a folder", () => execFileSync("mkfifo", [at("m")])],
    ["a device", 4, "neither a file nor a folder", () => symlinkSync("/dev/zero", at("m"))],
    [
      "a folder with a FIFO",
      4,
      "neither .*/m/f$",
      () => execFileSync("sh", ["-c", "mkdir m && mkfifo m/f"], { cwd: stage.folder }),
    ],
    ["a loop of links", 4, "a folder that it is in", () => folderWith(".", "loop")],
    ["a link to nowhere", 4, "leads nowhere", () => folderWith("nowhere", "gone")],
  ])("%s", ([, code, message, make]) => {
    make();
    return refused(["--model", "m", "--", "cp", "-r", "{model}", "{out}"], code, new RegExp(message));
  });

  it("an empty name", () => refused(["--model", "", "--", ...CP], 2, "path is empty"));

  it("a folder of links is a model, and the folder itself stays as it is", async () => {
    mkdirSync(at("m"));
    symlinkSync("../model.bin", at("m/weights"));
    const report = await stage.report([
      "--model",
      "m",
      "--faults",
      "004",
      "--",
      "cp",
      "-r",
      "{model}",
      "{out}",
    ]);
    expect(report.model?.bytes).toBe(400_000);
    expect(report.baseline).toMatchObject({ exit_code: 0, output_bytes: 400_000 });
  });

  it.for(["a b", `q'u"o`, "new\nline", "-dash", "$(touch pwned)", "模型 ü", "*", "{out}"])(
    "odd name: %j",
    async (name) => {
      copyFileSync(stage.model, at(name));
      const report = await stage.report([
        "--model",
        `./${name}`,
        "--faults",
        "005",
        "--",
        "cp",
        "--",
        ...CP.slice(1),
      ]);
      expect(codesOf(faultOf(report, "005"))).toEqual(["partial-output"]);
      const said = execFileSync("bash", ["-c", faultOf(report, "005").reproduce], {
        encoding: "utf8",
        stdio: "pipe",
      });
      expect(said).toMatch(/exit 1\n(.*\n)*.* 20\d{4} .*out$/m);
    },
  );
});

const at = (name: string): string => join(stage.folder, name);

function folderWith(target: string, name: string): void {
  mkdirSync(at("m"));
  copyFileSync(stage.model, at("m/weights"));
  symlinkSync(target, join(at("m"), name));
}

describe("a fault that is never reached", () => {
  it.for<[string, readonly string[], readonly string[]]>([
    ["an output that fits the disk", ["--faults", "005", "--disk-limit", "4M"], CP],
    ["a run that ends before the signal", ["--faults", "003"], ["true"]],
    ["no limit that matters", ["--faults", "002"], ["true"]],
  ])("%s is inconclusive", async ([, flags, command]) => {
    const report = await stage.report(["--model", "model.bin", ...flags, "--", ...command]);
    const [fault] = report.faults;
    // A machine under load may let the signal win its race: then it did fire, and the verdict stands.
    if (flags.includes("003") && fault?.fired === true) return;
    const contract = { verdict: "inconclusive", reason: { code: "not-fired" } };
    expect(fault).toMatchObject({ fired: false, contract, strict: { verdict: "inconclusive" } });
    expect(report.exit_code).toBe(6);
  });
});
