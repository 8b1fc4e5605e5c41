import { apartLine, apartWords, wasMounted } from "./apart.ts";
import type { Case } from "./case.ts";
import type { Ground } from "./ground.ts";

const MOUNT = "mount -t tmpfs none /proc";

/** /proc is an empty folder, as in some containers and chroots. */
export function noProc({ lines, reproduction }: Ground): readonly Case[] {
  return [
    {
      name: "no-proc",
      title: "no /proc",
      which: "",
      reproduce: reproduction.line(apartWords(`${MOUNT} && exec "$@"`, [])),
      line: (worker) => apartLine(lines, worker, MOUNT, []),
      terms: (_done, worker) => ({ proof: wasMounted(worker) ? "/proc is an empty folder" : null }),
    },
  ];
}
