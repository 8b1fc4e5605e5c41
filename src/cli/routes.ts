import { buildRouteMap } from "@stricli/core";
import { contracts } from "./commands/contracts.ts";
import { lint, oomLint } from "./commands/lint.ts";
import { qa } from "./commands/qa.ts";
import type { AprContext } from "./context.ts";

/** Every command by its words. */
export const routes = buildRouteMap<string, AprContext>({
  routes: {
    lint,
    "oom-lint": oomLint,
    contracts,
    qa,
  },
  docs: { brief: "Makes model tooling fail well, and proves that it does" },
});
