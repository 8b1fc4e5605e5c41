import { PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Capture } from "../world/node/capture.ts";
import type { Captured } from "../world/processes.ts";
import { AgentTaskProofBundleBuilder } from "./builder.ts";
import { CAPTURE_BYTES, KEPT_CHARS } from "./limits.ts";
import { proofTexts } from "./texts.ts";

// Random secrets of every kind in random places: none is in any byte of a bundle.

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".split("");
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".split("");
const letters = (length: number, from = ALPHANUMERIC): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...from), { minLength: length, maxLength: length }).map((list) => list.join(""));

/** What is looked for afterwards, and how it is written where it gives itself away. */
interface Planted {
  readonly secrets: readonly string[];
  readonly text: string;
  readonly env?: Readonly<Record<string, string>>;
}

const token = (prefix: string, length: number, from = ALPHANUMERIC): fc.Arbitrary<Planted> =>
  letters(length, from).map((rest) => ({ secrets: [prefix + rest], text: prefix + rest }));

const password = letters(10).chain((start) =>
  letters(4, "!#$%^&*-_=+.~:?@".split("")).map((end) => `${start}${end}x`),
);

const told = fc.tuple(password, fc.nat(9)).map(([secret, form]): Planted => {
  const pair = Buffer.from(`user:${secret}`).toString("base64");
  const forms = [
    `--password ${secret}`,
    `--token=${secret}`,
    `DB_PASSWORD=${secret}`,
    `mysql -p${secret}`,
    `{"api_key":${JSON.stringify(secret)}}`,
    `https://user:${encodeURIComponent(secret)}@host/x`,
    `Authorization: Basic ${pair}`,
    `Authorization: Bearer ${secret}`,
    `Cookie: sid=${secret}`,
    encodeURIComponent(`Authorization: Basic ${pair}\n`),
  ];
  return { secrets: [secret, pair.replace(/=+$/, ""), encodeURIComponent(secret)], text: forms[form] ?? "" };
});

const ofEnvironment = fc
  .tuple(fc.string({ minLength: 9, maxLength: 40, unit: "binary-ascii" }), fc.nat(4))
  .map(([raw, form]): Planted => {
    const secret = `${raw.replaceAll(/[\0\x1b]/g, "_")}xY7`;
    const pair = Buffer.from(`someone:${secret}`).toString("base64");
    const forms = [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      `x/${pair}`,
      JSON.stringify(secret),
    ];
    return {
      secrets: [secret, pair.replace(/=+$/, "")],
      text: forms[form] ?? "",
      env: { SERVICE_API_KEY: secret },
    };
  });

const key = fc.array(letters(64), { minLength: 3, maxLength: 50 }).map((lines): Planted => {
  const text = `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
  return { secrets: lines, text };
});

const planted = fc.oneof(
  ...[
    token("ghp_", 36),
    token("ghs_", 36),
    token("github_pat_", 70),
    token("hf_", 34),
    token("AKIA", 16, UPPER),
  ],
  ...[
    token("sk-proj-", 48),
    token("xoxb-1234567890-", 24),
    token("npm_", 36),
    token("AIza", 35),
    token("glpat-", 20),
  ],
  ...[letters(40).map((rest) => `eyJhbGciOiJIUzI1NiJ9.${rest}.${rest}`)].map((jwt) =>
    jwt.map((text): Planted => ({ secrets: [text], text })),
  ),
  ...[told, told, told, ofEnvironment, key],
);

const before = fc.constantFrom(..." /=\"':\n(,[<;".split(""), "", "\u001b[31m", "error: ");
const place = fc.constantFrom(
  "word",
  "script",
  "path",
  "branch",
  "stdout",
  "stderr",
  "objective",
  "remote",
  "host",
  "job",
  "holder",
  "reason",
  "not validated",
  "cwd",
);

function captured(text: string, pieces: readonly number[]): Captured {
  const stream = new PassThrough();
  const capture = new Capture(stream, CAPTURE_BYTES);
  const bytes = Buffer.from(text);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = pieces[turn % pieces.length] ?? 1;
    stream.emit("data", bytes.subarray(at, at + size));
    at += size;
  }
  return capture.take();
}

interface Case {
  readonly plant: Planted;
  readonly where: string;
  readonly lead: string;
  /** Output before and after, bytes. */
  readonly padding: readonly [number, number];
  readonly pieces: readonly number[];
}

/** All bytes of a bundle with the secret planted in one place, and bare in another where it is learned. */
function bundleOf({ plant, where, lead, padding, pieces }: Case): string {
  const text = `${lead}${plant.text}`;
  const at = (name: string): string => (where === name ? text : "");
  const filler = (size: number): string => "all is well\n".repeat(Math.ceil(size / 12)).slice(0, size);
  const output = (name: string): Captured =>
    captured(`${filler(padding[0])} ${at(name)}\n${filler(padding[1])}`, pieces);
  const file = { path: `dir/${at("path")}/file`, status: " M" };
  const commit = {
    commit: "a".repeat(40),
    branch: `b/${at("branch")}`,
    dirty: true,
    dirty_files: [file],
    complete: true,
  };
  const script = where === "script" ? ["sh", "-c", `echo 1; ${text}`] : ["tool", ...text.split(" ")];
  const bundle = new AgentTaskProofBundleBuilder(plant.env)
    .withObjective(`do ${at("objective")}`)
    .withCommand({
      argv: where === "word" || where === "script" ? script : ["tool"],
      cwd: `/tmp/${at("cwd")}`,
      ...{ exitCode: 1, signal: null, durationMs: 1 },
      stdout: output("stdout"),
      stderr: output("stderr"),
    })
    .withCommits(commit, commit)
    .withChangedFiles([file])
    .withRemoteExecution({
      host: `h ${at("host")}`,
      argv: ["run", at("remote")],
      exit_code: 0,
      job: at("job"),
    })
    .withFileReservation({
      path: at("path"),
      holder: at("holder"),
      exclusive: true,
      reason: at("reason"),
    })
    .withNotValidated(at("not validated"))
    .withSafety("safe")
    .build();
  return [...proofTexts(bundle)].map(([name, content]) => `${name}\n${content}`).join("\n");
}

function expectNoLeak(all: string, { secrets }: Planted): void {
  for (const secret of secrets) {
    expect(all).not.toContain(secret);
    expect(all).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(all).not.toContain(Buffer.from(secret).toString("base64").replace(/=+$/, ""));
  }
}

const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 5 });

test("a secret of any kind in any place is in no byte of the bundle", () => {
  fc.assert(
    fc.property(planted, place, before, fc.nat(300), (plant, where, lead, size) => {
      expectNoLeak(bundleOf({ plant, where, lead, padding: [size, size], pieces: [7] }), plant);
    }),
    { numRuns: 1500 },
  );
});

test("a secret that a cut of the output goes through is in no byte of the bundle", () => {
  // Where the capture cuts, and where the record does: from the front, from behind, and in a stream that was kept whole.
  const half = CAPTURE_BYTES / 2;
  const cut = fc.constantFrom<readonly [number, "head" | "tail", number]>(
    ...([
      [half, "head", 200_000],
      [half, "tail", 200_000],
      [KEPT_CHARS, "head", 200_000],
      [KEPT_CHARS, "tail", 200_000],
      [KEPT_CHARS, "head", 50_000],
      [KEPT_CHARS, "tail", 50_000],
    ] as const),
  );
  fc.assert(
    fc.property(
      planted,
      cut,
      fc.integer({ min: 0, max: 100 }),
      sizes,
      (plant, [edge, side, rest], percent, pieces) => {
        const near = edge - Math.round((percent / 100) * plant.text.length) - 1;
        const padding: [number, number] = side === "head" ? [near, rest] : [rest, near];
        const found = bundleOf({ plant, where: "stdout", lead: "", padding, pieces });
        expectNoLeak(found, plant);
        // Not only the whole: no end of it either.
        for (const secret of plant.secrets.filter((text) => /^[A-Za-z0-9_-]{20,}$/.test(text))) {
          expect(found).not.toContain(secret.slice(0, 10));
          expect(found).not.toContain(secret.slice(-10));
        }
      },
    ),
    { numRuns: 150 },
  );
});
