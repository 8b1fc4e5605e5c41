import { type Case, NO_NAMESPACE } from "./case.ts";
import type { Ground } from "./list.ts";

const SMALL_BYTES = 4096;

/** /proc is an empty folder, as in some containers and chroots. */
export function noProc({ lines, reproduction }: Ground): readonly Case[] {
  const script = 'mount -t tmpfs none /proc && exec "$@"';
  return [
    {
      name: "no-proc",
      title: "no /proc",
      which: "",
      reproduce: reproduction.line(`unshare -Urm sh -c '${script}' sh`),
      prepare: async ({ slot }) => ((await slot.cell.mountSmall("/proc", SMALL_BYTES)) ? null : NO_NAMESPACE),
      line: ({ station }) => lines.plain(station),
      finish: ({ slot }) => slot.cell.unmount("/proc"),
      terms: () => ({ proof: "/proc is an empty folder" }),
    },
  ];
}
