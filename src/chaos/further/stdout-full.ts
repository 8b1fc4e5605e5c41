import { shellQuote } from "../../base/shellwords.ts";
import type { Case } from "./case.ts";
import type { Ground } from "./ground.ts";

/** stdout is a device that is always full. */
export function stdoutFull({ lines, reproduction, clean }: Ground): readonly Case[] {
  const bytes = clean.stdout.sizeBytes;
  if (bytes === 0) return [];
  return [
    {
      name: "stdout-full",
      title: "stdout on a full device",
      which: "",
      reproduce: reproduction.script('exec "$@" >/dev/full'),
      line: ({ station }) => {
        const [out, err] = [station.stdoutFile, station.stderrFile].map((file) => shellQuote([file]));
        return lines.after(`:>${out}`, station, [], `>/dev/full 2>${err} </dev/null`);
      },
      terms: () => ({
        proof: `stdout is /dev/full; a clean run writes ${bytes} bytes to it`,
        fault: "disk",
        lost: true,
      }),
    },
  ];
}
