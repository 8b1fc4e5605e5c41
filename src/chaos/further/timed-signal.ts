import type { Case } from "./case.ts";
import type { Ground } from "./ground.ts";

const SIGNALS = ["TERM", "INT", "KILL"] as const;
const PARTS = [0.25, 0.5, 0.75];

/** Signals after a part of a clean run's time: for hosts where no signal can be sent at a system call. */
export function timedSignal({ lines, reproduction, clean, stage }: Ground): readonly Case[] {
  if (stage.blind === null) return [];
  return SIGNALS.flatMap((signal) =>
    PARTS.map((part) => {
      const seconds = Math.max(0.001, (clean.durationMs * part) / 1000).toFixed(4);
      const words = ["timeout", "-v", "--foreground", "--preserve-status", "-s", signal, seconds];
      return {
        name: `SIG${signal}`,
        title: `SIG${signal}`,
        which: `after ${seconds} s`,
        reproduce: reproduction.line(words.join(" ")),
        line: ({ station }) => lines.after("", station, words),
        terms: (done) => {
          const sent = done.run.stderr.text.split("\n").find((line) => line.includes("sending signal"));
          return { proof: sent ?? null, injected: false, killed: signal === "KILL" };
        },
      };
    }),
  );
}
