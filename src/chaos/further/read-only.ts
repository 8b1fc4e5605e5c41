import { apartLine, apartWords, wasMounted } from "./apart.ts";
import type { Case } from "./case.ts";
import type { Ground } from "./ground.ts";

const MOUNT = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"';

/** The output's folder is on a read-only file system: that stops root too. */
export function readOnly({ lines, reproduction, stage }: Ground): readonly Case[] {
  const folder = stage.sandbox.slots[0]?.outputFolder ?? null;
  if (folder === null) return [];
  const place = `"$(dirname ${reproduction.output})"`;
  return [
    {
      name: "read-only",
      title: "read-only output folder",
      which: "",
      reproduce: reproduction.line(apartWords(`${MOUNT} && shift && exec "$@"`, [place])),
      line: (worker) => apartLine(lines, worker, MOUNT, [folder]),
      terms: (_done, worker) => ({
        proof: wasMounted(worker) ? "the output's folder is mounted read-only" : null,
      }),
    },
  ];
}
