import type { Case } from "./case.ts";
import type { Ground } from "./ground.ts";

const YEAR_NS = 365n * 24n * 3_600_000_000_000n;

/** The clock was set back: the input is from the future. */
export function clockBack({ lines, reproduction, stage }: Ground): readonly Case[] {
  if (stage.sandbox.model === null) return [];
  return [
    {
      name: "clock-back",
      title: "clock set back, input from the future",
      which: "",
      reproduce: reproduction.script(`touch -d "+1 year" "$0"; exec "$@"`, reproduction.model),
      prepare: async ({ slot, station }) => {
        const now = BigInt(Math.round(slot.world.clock.wallMs())) * 1_000_000n;
        await slot.world.files.setModified(station.host(slot.model?.path ?? ""), now + YEAR_NS);
      },
      line: ({ station }) => lines.plain(station),
      // A program may write its input's time into its output.
      terms: () => ({ proof: "the input is a year younger than now", otherOutput: true, modelTouched: true }),
    },
  ];
}
