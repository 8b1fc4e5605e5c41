import type { ApplicationContext } from "@stricli/core";

/** What every command gets besides its flags. */
export interface AprContext extends ApplicationContext {
  /** Everything after the first `--`, untouched; undefined when there is none. */
  readonly command: readonly string[] | undefined;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Flags that every command has. */
export interface CommonFlags {
  readonly json: boolean;
}

/** A command's work: returns the exit code; throws `AprError` for a person. */
export type Run<Flags, Args extends readonly unknown[]> = (
  context: AprContext,
  flags: Flags,
  ...args: Args
) => Promise<number>;
