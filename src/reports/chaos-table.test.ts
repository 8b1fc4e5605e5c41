import fc from "fast-check";
import { expect, test } from "vitest";
import { baselineExample, chaosExample, faultExample } from "../../test/support/chaos-report.ts";
import { chaosTable } from "./chaos-table.ts";
import { textWidth } from "./text.ts";

const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

test("cp under five faults reads like this", () => {
  expect(chaosTable(chaosExample())).toBe(
    `\
cp {model} {out}        64 MiB model · baseline 50 ms, peak 2.1 MiB (gnu-time), same bytes twice

  fault              contract      strict        what happened
  001 memory budget  pass          pass          peak 2.1 MiB of 704 MiB allowed
  002 out of memory  inconclusive  inconclusive  no limit above start-up size makes it fail
  003 interrupt      pass          FAIL          ended in 2 ms (130), left 31 of 64 MiB behind
  004 overwrite      FAIL          FAIL          replaced an existing file without asking, exit 0
  005 disk full      pass          FAIL          "No space left on device", left a 2.0 MiB partial
                                                 file [flaky: 1 pass, 2 fail]

  002 out of memory  inconclusive  not-fired
    remedy          set --memory-limit

  003 interrupt  FAIL  partial-output
    why it matters  the next program takes half a file for a whole one
    reproduce       timeout -s INT 0.02 cp tiny.gguf out.gguf; ls -l out.gguf

  004 overwrite  FAIL  silent-overwrite, clobbered
    why it matters  a mistyped name destroys the user's file
    reproduce       echo precious > out.gguf; cp tiny.gguf out.gguf; cat out.gguf | head -c 8
    note            runtime-abort signal=SIGABRT

  005 disk full  FAIL  partial-output
    why it matters  a retry may skip the file because it exists
    reproduce       unshare -Urm sh -c \\
                      'mount -t tmpfs -o size=2m none "$1" && cp tiny.gguf "$1"/out.gguf; ls -l "$1"' \\
                      sh out

  sandbox  the memory limit is an address-space limit: no cgroup can be made here

1 contract failure, 3 strict failures, 1 inconclusive                                         exit 5
`,
  );
});

test("when all is well it says so on one screen", () => {
  const text = chaosTable(
    chaosExample({
      verdict: "pass",
      exit_code: 0,
      faults: [faultExample()],
      sandbox: { confined: true, notes: [] },
    }),
  );
  expect(text.split("\n")).toHaveLength(7);
  expect(text).toMatch(/\nall 1 fault handled well +exit 0\n$/);
});

test.each([
  [
    { exit_code: 3, stderr: "cp: cannot stat\n\u001b[2Jx\n" },
    ["baseline failed with exit 3", "  | \\x1b[2Jx"],
  ],
  [{ exit_code: 1, stderr: "" }, ["its stderr is empty"]],
  [{ exit_code: null, duration_ms: 60_000 }, ["still running after 1 min"]],
  [{ deterministic: false }, ["different bytes each time"]],
  [{ deterministic: null, peak_rss_bytes: null, peak_tree_bytes: null }, ["baseline 50 ms\n"]],
  [{ peak_tree_bytes: 500_000_000 }, ["whole tree 477 MiB"]],
])("a baseline of %j is told", (over, parts) => {
  const text = chaosTable(chaosExample({ baseline: baselineExample(over) }));
  for (const part of parts) expect(text).toContain(part);
});

test("an unconfined command is named", () => {
  const text = chaosTable(chaosExample({ sandbox: { confined: false, notes: ["no user namespaces here"] } }));
  expect(text).toContain("the command could write outside its sandbox folder");
  expect(text).toContain("no user namespaces here");
});

test("colour adds nothing but colour", () => {
  const plain = chaosTable(chaosExample());
  const coloured = chaosTable(chaosExample(), { color: true });
  expect(coloured).not.toBe(plain);
  expect(coloured.replaceAll(COLOUR, "")).toBe(plain);
});

test.each([50, 60, 80, 100, 160])(
  "every line fits into %d columns, save words that cannot be broken",
  (width) => {
    for (const line of chaosTable(chaosExample(), { width }).split("\n")) {
      if (!line.includes("'mount -t tmpfs")) expect(textWidth(line)).toBeLessThanOrEqual(width);
    }
  },
);

test("a place for unfinished work is named", () => {
  const text = chaosTable(chaosExample({ state: "{out}.part" }));
  expect(text).toContain("may keep unfinished work at {out}.part · 64 MiB model · baseline");
});

test("hostile text can neither drive the terminal nor break the table", () => {
  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom("\u001b]0;x\u0007", "\n", "\r", "\u202e", "\u009b", "$&", "\ud800"),
      fc.string({ unit: "binary" }),
    ),
  );
  fc.assert(
    fc.property(
      hostile.map((parts) => parts.join("")),
      (text) => {
        const fault = faultExample({
          title: text,
          happened: text,
          why: text,
          reproduce: text,
          strict: { verdict: "fail", reasons: [{ code: "partial-output", path: text }] },
          notes: [{ code: "note", text }],
        });
        const shown = chaosTable(
          chaosExample({
            command: ["cp", text.replaceAll("\0", "")],
            baseline: baselineExample({ exit_code: 1, stderr: text, peak_rss_method: text }),
            faults: [fault],
            sandbox: { confined: true, notes: [text] },
          }),
        );
        expect(shown.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Surrogate}\p{Bidi_Control}]/u);
        expect(shown).toMatch(/\n1 strict failure +exit 5\n$/);
      },
    ),
  );
});
