import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import { ROOT, readProjectFile } from "./support/files.ts";
import { tempDir } from "./support/temp.ts";

/** Names that whoever knows the source of the contracts looks for. `types` are gone when the program runs. */
const NAMES = {
  values: [
    ...[
      "TransferOracle",
      "TransferOracleResult",
      "AtpTransferOracle",
      "AtpOracleResult",
      "ViolationSeverity",
    ],
    ...["CrashpackBuilder", "ATP_CRASHPACK_SCHEMA_VERSION", "CrashpackError"],
    ...["EvidenceLedger", "AgentTaskProofBundleBuilder", "AgentProofError"],
  ],
  types: [
    ...["AtpOracleChecks", "AtpTransferState", "TransferState", "TransferViolation", "AtpCrashpack"],
    ...["EvidenceEntry", "EvidenceSummary", "AgentTaskProofBundle", "BlockerRecord", "CommandRecord"],
    ...["CommitRecord", "FileReservationRecord", "RemoteExecutionRecord", "ReplayInstructions"],
    ...["ReplaySafetyLevel", "ValidationFrontierRecord"],
  ],
} as const;

/** Every `ts` block of a page with the `text` block under it. */
function examplesOf(page: string): readonly { readonly code: string; readonly prints: string }[] {
  const blocks = [...page.matchAll(/```ts\n(.*?)```\n\n```text\n(.*?)```/gs)];
  return blocks.map(([, code = "", prints = ""]) => ({ code, prints }));
}

/** A folder in which `apr-cli` is the package as it was built. */
function consumer(files: Readonly<Record<string, string>>): string {
  const folder = tempDir();
  if (!existsSync(join(ROOT, "dist/types/index.d.ts")))
    throw new Error("dist/types is missing: npm run build");
  mkdirSync(join(folder, "node_modules", "@types"), { recursive: true });
  symlinkSync(ROOT, join(folder, "node_modules", "apr-cli"));
  symlinkSync(join(ROOT, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
  const compilerOptions = {
    ...{ module: "nodenext", target: "es2023", strict: true, noEmit: true, types: ["node"] },
    ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Compiles with every check of types. Throws with what the compiler says. */
function compile(folder: string): void {
  try {
    execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder], {
      encoding: "utf8",
    });
  } catch (error) {
    throw new Error((error as { stdout?: string }).stdout ?? String(error), { cause: error });
  }
}

async function runIn(folder: string, name: string, code: string): Promise<string> {
  const built = await transform(code, { loader: "ts", target: "node20" });
  writeFileSync(join(folder, `${name}.mjs`), built.code);
  return execFileSync(process.execPath, [join(folder, `${name}.mjs`)], { encoding: "utf8" });
}

test("every example of the page compiles against the built types, runs, and prints what it says", async () => {
  const examples = examplesOf(readProjectFile("docs/library.md"));
  expect(examples).toHaveLength(5);
  const files = Object.fromEntries(examples.map(({ code }, index) => [`example-${index}.ts`, code]));
  const folder = consumer(files);
  compile(folder);
  for (const [index, { code, prints }] of examples.entries()) {
    expect(await runIn(folder, `example-${index}`, code)).toBe(prints);
  }
});

test("every name that the source has is there, as a value or as a type", async () => {
  const { types, values } = NAMES;
  const code = [
    `import { ${[...values, ...types.map((name) => `type ${name}`)].join(", ")} } from "apr-cli";`,
    `export type All = [${types.join(", ")}];`,
    `console.log([${values.join(", ")}].every((each) => each !== undefined));`,
  ].join("\n");
  const folder = consumer({ "names.ts": code });
  compile(folder);
  expect(await runIn(folder, "names", code)).toBe("true\n");
  // The compiler does refuse a name that is not there.
  writeFileSync(join(folder, "names.ts"), code.replaceAll("EvidenceSummary", "EvidenceSumary"));
  expect(() => compile(folder)).toThrow("EvidenceSumary");
});
