import type { Case } from "./case.ts";
import type { Ground } from "./ground.ts";

/** No home folder, or one that is not there. */
export function noHome({ lines, reproduction }: Ground): readonly Case[] {
  const cases = { unset: "unset HOME", missing: "export HOME=/nonexistent" };
  return Object.entries(cases).map(([which, before]) => ({
    name: "no-home",
    title: "no home folder",
    which,
    reproduce: reproduction.script(`${before}; exec "$@"`),
    line: ({ station }) => lines.after(before, station),
    terms: () => ({ proof: `HOME is ${which}` }),
  }));
}
