/** One challenge of a `WWW-Authenticate` header. Scheme and names are lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

/** Real headers are under 1 KiB. */
const MAX_HEADER_CHARS = 8192;
const MAX_CHALLENGES = 16;
const MAX_PARAMS = 32;

// RFC 9110, section 11.6.1. A comma ends a parameter or a challenge alike: what follows says which.
const GAP = /[ \t,]*/y;
const SCHEME = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]+|(?=,)|$)/y;
const PARAM =
  /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\[\t\x20-\x7e])*)"|([!#$%&'*+.^_`|~0-9A-Za-z-]+))[ \t]*(?=,|$)/y;
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*[ \t]*(?=,|$)/y;

/** Reads every challenge; null when any of it is not as it should be. */
export function parseChallenges(header: string | undefined): readonly Challenge[] | null {
  if (header === undefined || header.length > MAX_HEADER_CHARS) return null;
  const reader = new Reader(header);
  const challenges: Challenge[] = [];
  for (reader.match(GAP); !reader.atEnd(); reader.match(GAP)) {
    const scheme = reader.match(SCHEME)?.[1];
    if (scheme === undefined || challenges.length === MAX_CHALLENGES) return null;
    const params = readParams(reader);
    if (params === null) return null;
    challenges.push({ scheme: scheme.toLowerCase(), params });
  }
  return challenges;
}

function readParams(reader: Reader): ReadonlyMap<string, string> | null {
  const params = new Map<string, string>();
  for (;;) {
    const mark = reader.at;
    if (params.size > 0) reader.match(GAP);
    const [whole, name = "", quoted, token = ""] = reader.match(PARAM) ?? [];
    if (whole === undefined) {
      reader.at = mark;
      if (params.size === 0) reader.match(TOKEN68);
      return params;
    }
    const key = name.toLowerCase();
    if (params.has(key) || params.size === MAX_PARAMS) return null;
    params.set(key, quoted === undefined ? token : quoted.replace(/\\(.)/g, "$1"));
  }
}

class Reader {
  at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at = pattern.lastIndex;
    return found;
  }
}
