const text = { kind: "parsed", parse: String, optional: true } as const;

/** What `qa chaos` and `qa sweep` break a command on. */
export const subjectFlags = {
  model: {
    ...text,
    brief: "The model: a file or folder; the command gets a private copy as {model}",
    placeholder: "M",
  },
  output: {
    ...text,
    brief: "Where the output lies when no {out} says so, such as '{model}.gz'",
    placeholder: "PATH",
  },
} as const;
