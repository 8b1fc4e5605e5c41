import type { Case } from "./case.ts";
import type { Ground } from "./ground.ts";

const CALLS = "read,pread64,write,pwrite64,writev,copy_file_range,fsync,fdatasync,rename,renameat2";
/** Microseconds, at every seventh call: a disk that stutters, and a run that still ends soon. */
const DELAY_US = 2000;

/** Reads and writes take their time. */
export function slowDisk({ lines, reproduction, stage }: Ground): readonly Case[] {
  if (stage.blind !== null) return [];
  const rules = ["-e", `trace=${CALLS}`, "-e", `inject=${CALLS}:delay_exit=${DELAY_US}:when=1+7`];
  return [
    {
      name: "slow-disk",
      title: "slow disk",
      which: "",
      reproduce: reproduction.line(`strace -f -o "$d"/trace ${rules.join(" ")}`),
      line: ({ station }) => lines.traced(station, rules),
      watch: { kind: "delay" },
      terms: (done) => ({ proof: done.facts?.proof ?? null }),
    },
  ];
}
