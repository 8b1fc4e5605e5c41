import { type Case, NO_NAMESPACE } from "./case.ts";
import type { Ground } from "./list.ts";

/** The output's folder is on a read-only file system: that stops root too. */
export function readOnly({ lines, reproduction, stage }: Ground): readonly Case[] {
  const folder = stage.sandbox.slots[0]?.outputFolder ?? null;
  if (folder === null) return [];
  const script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"';
  return [
    {
      name: "read-only",
      title: "read-only output folder",
      which: "",
      reproduce: reproduction.line(`unshare -Urm sh -c '${script}' sh "$(dirname ${reproduction.output})"`),
      prepare: async ({ slot }) => ((await slot.cell.mountReadOnly(folder)) ? null : NO_NAMESPACE),
      line: ({ station }) => lines.plain(station),
      finish: ({ slot }) => slot.cell.unmount(folder),
      terms: () => ({ proof: "the output's folder is mounted read-only" }),
    },
  ];
}
