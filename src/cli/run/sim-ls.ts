import { EXIT } from "../../base/errors.ts";
import { scenarios } from "../../scenarios/registry.ts";
import type { CommonFlags, Run } from "../context.ts";

export const run: Run<CommonFlags, []> = (context, flags) => {
  if (flags.json) {
    const listed = scenarios.map(({ invariants, name, params, title }) => ({
      name,
      title,
      params,
      invariants,
    }));
    context.out(`${JSON.stringify({ scenarios: listed })}\n`);
  } else {
    for (const { invariants, name, params, title } of scenarios) {
      const words = Object.entries(params).map(([key, value]) => `${key} ${value}`);
      context.out(`  ${name}  ${title} (${words.join(", ")})\n`);
      for (const each of invariants) context.out(`      ${each}\n`);
    }
  }
  return Promise.resolve(EXIT.ok);
};
