import { ReplayCoordinator } from "../../replay/coordinator.ts";
import { ReplayError } from "../../replay/errors.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext, CommonFlags, Run } from "../context.ts";
import { packPath } from "../crashpack/find.ts";
import { minimize } from "../replay/minimize.ts";
import { packOfFiles, type PackFileFlags } from "../replay/pack-files.ts";
import { showReplay } from "../replay/show.ts";
import { VERSION } from "../version.ts";
import { absolute, stoppable } from "../store/open.ts";

export interface ReplayFlags extends CommonFlags, PackFileFlags {
  readonly minimize: boolean;
  readonly out?: string;
  readonly fault?: string;
  readonly allowExec: boolean;
  readonly validateOracles: boolean;
  readonly oracle?: readonly string[];
}

export const run: Run<ReplayFlags, [string?]> = async (context, flags, told) => {
  const path = await pathOf(context, flags, told);
  const oracles = flags.oracle ?? (flags.validateOracles ? [] : undefined);
  const { allowExec, fault } = flags;
  return stoppable(async (abort) => {
    const coordinator = new ReplayCoordinator(nodeWorld, {
      ...(oracles === undefined ? {} : { oracles }),
      all: flags.validateOracles,
      version: VERSION,
      chaos: { allowExec, fault, abort, cwd: workingFolder() },
    });
    if (flags.minimize) return minimize(context, flags, { coordinator, path });
    if (flags.out !== undefined) throw new ReplayError("wrong-words", "-o is for --minimize");
    return showReplay(context, flags, path, await coordinator.replay(path));
  });
};

async function pathOf(context: AprContext, flags: ReplayFlags, told: string | undefined): Promise<string> {
  const folder = packOfFiles(flags);
  if (told === undefined) {
    if (folder !== null) return folder;
    throw new ReplayError("wrong-words", "no pack to replay", "apr crashpack ls shows those that were kept");
  }
  const path = await packPath(context, told);
  if (folder === null || absolute(path) === folder) return path;
  throw new ReplayError(
    "not-this-pack",
    `the files that were named are not those of ${JSON.stringify(told.slice(0, 200))}`,
  );
}
