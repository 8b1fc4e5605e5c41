const on = { kind: "boolean", optional: true, about: "false switches this check off." } as const;

/** The oracle's five switches, all on unless they say false. */
export const switchField = {
  kind: "object",
  optional: true,
  about: "Switches of the checks; all are on by default.",
  fields: { manifest: on, journal: on, quiescence: on, obligation: on, path_consistency: on },
} as const;

/** The switches of the three checks that only a real transfer can answer. */
export const closingSwitchField = {
  kind: "object",
  optional: true,
  about: "Switches of the three checks; all are on by default.",
  fields: { final_exposure: on, cancellation_drain: on, proof_validity: on },
} as const;
