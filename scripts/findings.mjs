// Makes docs/findings.md: every subject of docs/findings.yaml under a sweep, with what it found and how to see it.
// Needs the built command and the subjects' programs; takes minutes.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const [file = "docs/findings.md"] = process.argv.slice(2);

const HEAD = `# What sweeps found

Tools of a Debian 12 system, each under \`apr qa sweep\` with every fault at every place. Made by
\`node scripts/findings.mjs\` from [findings.yaml](findings.yaml); nobody chose the findings.

A finding is a run that broke one rule: exit 0 means the clean run's output; any other exit leaves the output path as it
was, says why on stderr, and a clean run works afterwards. Many tools promise less than that, and say so. Whether a finding
is a defect is for its maintainers to say; what happens is what you see.
`;

/** @param {string} program @param {readonly string[]} args */
function output(program, args) {
  const { stdout, status } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 512 * 1024 * 1024 });
  return status === null ? "" : stdout.trim();
}

/** The package that a program came from, with its version. @param {string} program */
function packageOf(program) {
  const path = output("sh", ["-c", 'readlink -f "$(command -v "$1")"', "sh", program]);
  // A system with /usr merged may know a file by its old name.
  for (const name of [path, path.replace(/^\/usr/, "")]) {
    const owner = output("dpkg-query", ["-S", name]).split(":")[0];
    if (owner) return output("dpkg-query", ["-W", "-f", "${Package} ${Version}", owner]);
  }
  return program;
}

/** Addresses and thread numbers are others each time. @param {string} text */
function steady(text) {
  return text.replaceAll(/\b(?:0x)?[0-9a-fA-F]{10,}\b/g, "…");
}

/** Text of a program in a table. @param {string} text */
function cell(text) {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_[\]|~#]/g, String.raw`\$&`);
}

/** Pastes a finding's lines into a shell: they must show its exit code. @param {{ reproduce: string, line: string, first: { exit_code: number } }} finding */
function mustShow({ reproduce, line, first }) {
  for (let attempt = 1; attempt <= 3; attempt++) {
    const { stdout } = spawnSync("sh", ["-c", reproduce], { encoding: "latin1" });
    if (Number(/^exit (\d+)$/m.exec(stdout)?.[1]) === first.exit_code) return;
  }
  throw new Error(`does not show exit ${first.exit_code} when it is pasted: ${line}`);
}

const json = output(process.execPath, ["dist/apr.cjs", "qa", "run", "docs/findings.yaml", "--json"]);
const { subjects } = JSON.parse(json);
const lines = [HEAD, "| tool | package | points | findings |", "| --- | --- | ---: | --- |"];
for (const { name, report } of subjects) {
  if (report.baseline.exit_code !== 0) throw new Error(`${name}: ${report.baseline.stderr}`);
  const classes = [...new Set(report.findings.map((finding) => finding.class))].join(", ") || "none";
  const tried = report.counts.total - report.counts.not_tried;
  lines.push(
    `| ${name} | ${packageOf(report.command[0])} | ${tried} of ${report.counts.total} | ${classes} |`,
  );
}
const setups = new Map();
for (const { report } of subjects) setups.set(report.setup, [...(setups.get(report.setup) ?? []), report]);
lines.push("", "## To see it", "");
lines.push(
  "`strace` is needed. Each tool's section names the shell to paste first, once; then each line stands alone.",
);
const names = new Map([...setups.keys()].map((setup, index) => [setup, `Shell ${index + 1}`]));
for (const [setup, name] of names) lines.push("", `### ${name}`, "", "```sh", setup, "```");
for (const { name, report } of subjects) {
  if (report.findings.length === 0) continue;
  lines.push("", `## ${name}`, "", `\`${report.command.join(" ")}\`, after ${names.get(report.setup)}.`, "");
  for (const finding of report.findings) {
    mustShow(finding);
    const { class: word, severity, where, first, points, repeats, line } = finding;
    const times = `${points} ${points === 1 ? "point" : "points"}, ${repeats.same} of ${repeats.tried} times`;
    lines.push(`- **${word}** (${severity}), ${cell(where)}: ${cell(steady(first.happened))}; ${times}.`, "");
    lines.push("  ```sh", `  ${line}`, "  ```", "");
  }
}
writeFileSync(
  file,
  `${lines
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`,
);
output("node_modules/.bin/biome", ["format", "--write", file]);
console.log(`${file}: ${subjects.length} tools`);
