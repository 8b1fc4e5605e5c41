/** Longest a source file may be: one idea fits in it. */
export const MAX_LINES = 250;

// Written in pieces, so that this file keeps its own rules.
const UNFINISHED = new RegExp(`\\b(?:${["TO", "FIX", "XX"].join("|")})(?:DO|ME|X)\\b`);
const MACHINE_PATH = new RegExp(`(?<![\\w.~-])/(?:${["work", "root", "home"].join("|")})/[\\w.-]`);
const HIDDEN = new RegExp(`\\b(?:test|it|describe)\\.(?:${["skip", "todo", "runIf"].join("|")})(?:If)?\\b`);
const FOCUSED = new RegExp(`\\b(?:test|it|describe)\\.${"only"}\\b`);
const SECRET_INSTALL = new RegExp(`"${"resolved"}"\\s*:\\s*"https?:`);

/** Every breach of the house style in one file, as lines for a person. */
export function styleBreaches(path: string, text: string, longFiles: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const lines = text.split("\n");
  const isCode = /\.(?:ts|mjs)$/.test(path);
  if (isCode && lines.length - 1 > MAX_LINES && !longFiles.has(path)) {
    found.push(`${path}: ${lines.length - 1} lines, more than ${MAX_LINES}`);
  }
  for (const [index, line] of lines.entries()) {
    const at = `${path}:${index + 1}`;
    if (UNFINISHED.test(line)) found.push(`${at}: unfinished work`);
    if (MACHINE_PATH.test(line)) found.push(`${at}: a path of one machine`);
    if (isCode && FOCUSED.test(line)) found.push(`${at}: a focused test hides the others`);
    if (isCode && HIDDEN.test(line)) found.push(`${at}: a test that is never run; use needs() or notRun()`);
    if (path === "package-lock.json" && SECRET_INSTALL.test(line)) found.push(`${at}: names a registry`);
  }
  return found;
}

/** `npm run NAME` and `npm test` commands in a document that package.json does not have. */
export function missingCommands(text: string, scripts: readonly string[]): string[] {
  const named = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(test)\b)/g)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
  return [...new Set(named)].filter((name) => !scripts.includes(name));
}
