import type { AprContext } from "../context.ts";

export const json = {
  kind: "boolean",
  default: false,
  withNegated: false,
  brief: "One JSON document on stdout",
} as const;

export const store = {
  kind: "parsed",
  parse: String,
  optional: true,
  placeholder: "DIR",
  brief: "The store (default $APR_MODELS, or ~/.apr/models)",
} as const;

export function onOff(brief: string): {
  readonly kind: "boolean";
  readonly default: false;
  readonly withNegated: false;
  readonly brief: string;
} {
  return { kind: "boolean", default: false, withNegated: false, brief };
}

export function text(
  placeholder: string,
  brief: string,
): {
  readonly kind: "parsed";
  readonly parse: (input: string) => string;
  readonly optional: true;
  readonly placeholder: string;
  readonly brief: string;
} {
  return { kind: "parsed", parse: String, optional: true, placeholder, brief };
}

async function proposeTags(this: AprContext, partial: string): Promise<readonly string[]> {
  const { completeTags } = await import("../run/complete-tags.ts");
  return completeTags(this, partial);
}

/** Has the shell propose the store's tags. */
export const tagsProposed = { proposeCompletions: proposeTags } as const;

export const tag = {
  parse: String,
  placeholder: "TAG",
  brief: "name, name:tag or host/namespace/name:tag",
  ...tagsProposed,
} as const;
