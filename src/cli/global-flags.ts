/** What the words that every command takes have set, as variables of the environment. */
type Settings = Readonly<Record<string, string>>;

const SETTINGS: Readonly<Record<string, Settings>> = {
  "--quiet": { APR_QUIET: "1" },
  "--no-color": { NO_COLOR: "1" },
  "--plain": { APR_PLAIN: "1", NO_COLOR: "1" },
};

/** Takes the words out that are the same for all commands, so that no command has to know them. */
export function globalFlags(words: readonly string[]): {
  readonly words: readonly string[];
  readonly settings: Settings;
} {
  let settings: Settings = {};
  const left = words.filter((word) => {
    const found = Object.hasOwn(SETTINGS, word) ? SETTINGS[word] : undefined;
    if (found === undefined) return true;
    settings = { ...settings, ...found };
    // The server has a meaning of its own for it.
    return word === "--quiet" && words[0] === "serve";
  });
  return { words: left, settings };
}

const UTF8 = /utf-?8/i;

/** Whether apr's own signs must be ASCII: asked for, or a terminal whose locale knows no others. */
export function wantsPlain(env: Readonly<Record<string, string | undefined>>, terminal: boolean): boolean {
  if (isSet(env["APR_PLAIN"])) return true;
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find(isSet);
  return terminal && locale !== undefined && !UTF8.test(locale);
}

export function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

/** apr's own signs and what stands for them: bars, sparklines, marks and punctuation. */
const SIGNS: Readonly<Record<string, string>> = {
  ...{ "█": "#", "░": ".", "▏": "|" },
  ...{ "▁": "_", "▂": ".", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "%" },
  ...{ "·": "-", "…": "...", "×": "x", "→": "->", "›": ">", "—": "-", "−": "-", "✓": "ok", "✗": "FAIL" },
};
const ANY_SIGN = new RegExp(`[${Object.keys(SIGNS).join("")}]`, "g");

/** The text with apr's own signs as ASCII. Names of files and models stay as they are, but for these signs. */
export function plainText(text: string): string {
  return text.replaceAll(ANY_SIGN, (sign) => SIGNS[sign] ?? sign);
}
