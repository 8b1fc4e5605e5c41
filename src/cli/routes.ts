import { buildRouteMap } from "@stricli/core";
import { completion } from "./commands/completion.ts";
import { config } from "./commands/config.ts";
import { contracts } from "./commands/contracts.ts";
import { crashpack } from "./commands/crashpack.ts";
import { cp } from "./commands/cp.ts";
import { devices } from "./commands/devices.ts";
import { doctor } from "./commands/doctor.ts";
import { du } from "./commands/du.ts";
import { exec } from "./commands/exec.ts";
import { exportCommand } from "./commands/export.ts";
import { gc } from "./commands/gc.ts";
import { importCommand } from "./commands/import.ts";
import { inspect } from "./commands/inspect.ts";
import { lint, oomLint } from "./commands/lint.ts";
import { ls } from "./commands/ls.ts";
import { oom } from "./commands/oom.ts";
import { proof } from "./commands/proof.ts";
import { pull } from "./commands/pull.ts";
import { push } from "./commands/push.ts";
import { qa } from "./commands/qa.ts";
import { replay } from "./commands/replay.ts";
import { rm } from "./commands/rm.ts";
import { runCommand } from "./commands/run.ts";
import { serve } from "./commands/serve.ts";
import { sim } from "./commands/sim.ts";
import { show } from "./commands/show.ts";
import { transfers } from "./commands/transfers.ts";
import { verify } from "./commands/verify.ts";
import { view } from "./commands/view.ts";
import { watch } from "./commands/watch.ts";
import type { AprContext } from "./context.ts";

/** Every command by its words. */
export const routes = buildRouteMap<string, AprContext>({
  routes: {
    lint,
    "oom-lint": oomLint,
    oom,
    contracts,
    qa,
    inspect,
    import: importCommand,
    ls,
    show,
    cp,
    rm,
    gc,
    du,
    verify,
    export: exportCommand,
    pull,
    push,
    serve,
    transfers,
    crashpack,
    replay,
    sim,
    proof,
    run: runCommand,
    view,
    watch,
    exec,
    devices,
    doctor,
    config,
    completion,
  },
  docs: {
    brief: "Makes model tooling fail well, and proves that it does",
    fullDescription:
      "Makes model tooling fail well, and proves that it does.\n\n" +
      "Every command takes --quiet (no progress), --no-color, and --plain (ASCII signs, no line that is rewritten).",
  },
});
