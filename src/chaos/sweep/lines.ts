import { shellQuote } from "../../base/shellwords.ts";
import { expandCommand, type Template } from "../template.ts";
import { injection, type Point } from "./point.ts";
import type { Station } from "./station.ts";

/** The shell lines of runs, with the streams that every run has. */
export class Lines {
  readonly #template: Template;
  readonly #strace: string | undefined;
  readonly #fast: boolean;
  readonly #setup: Template | null;

  /** `fast`: strace can leave all but the watched calls alone. `setup` runs before each run, but for recoveries. */
  constructor(
    template: Template,
    setup: Template | null,
    tools: { readonly strace: string | undefined; readonly fast: boolean },
  ) {
    this.#template = template;
    this.#setup = setup;
    this.#strace = tools.strace;
    this.#fast = tools.fast;
  }

  #prepared(station: Station, line: string): string {
    if (this.#setup === null) return line;
    const words = shellQuote(expandCommand(this.#setup, station.slot.bindings("")));
    return `{ ${words} >/dev/null 2>&1 </dev/null && ${line}; }`;
  }

  command(station: Station): string {
    return shellQuote(expandCommand(this.#template, station.slot.bindings("")));
  }

  streams(station: Station): string {
    const [out, err] = [station.stdoutFile, station.stderrFile].map((file) => shellQuote([file]));
    return `>${out} 2>${err} </dev/null`;
  }

  plain(station: Station): string {
    return this.#prepared(station, this.again(station));
  }

  /** A clean run in whatever state the slot is in. */
  again(station: Station): string {
    // In a shell of its own: else what the shell says of a signal would stand in the command's stderr.
    return `(exec ${this.command(station)} ${this.streams(station)})`;
  }

  /** In a shell that first does `before`; `words` stand before the command's. Streams may be others. */
  after(
    before: string,
    station: Station,
    words: readonly string[] = [],
    streams = this.streams(station),
  ): string {
    const prefix = words.length === 0 ? "" : `${shellQuote(words)} `;
    const start = before === "" ? "" : `${before} && `;
    return this.#prepared(station, `(${start}exec ${prefix}${this.command(station)} ${streams})`);
  }

  /** Under strace with these arguments; the log goes where `traceOf` reads it. */
  traced(station: Station, args: readonly string[], prefix: readonly string[] = []): string {
    const words = [this.#strace ?? "strace", "-f", "-e", "quiet=attach,personality", "-o", station.traceFile];
    // An older log must not speak for a run whose watcher could not start.
    const fresh = `:>${shellQuote([station.traceFile])}`;
    const strace = shellQuote([...words, ...args, "--", ...prefix]);
    const line = `(${fresh} && exec ${strace} ${this.command(station)} ${this.streams(station)})`;
    return this.#prepared(station, line);
  }

  watched(station: Station, calls: readonly string[]): string {
    return this.traced(station, ["-yy", "-s", "16", "-e", `trace=${calls.join(",")}`, "-e", "signal=none"]);
  }

  injected(station: Station, point: Point): string {
    const { trace, inject } = injection(point);
    // A signal together with the filter never comes in strace 6.1.
    const filter = this.#fast && point.kind === "error" ? ["--seccomp-bpf"] : [];
    const path = point.path === null ? [] : ["-P", point.path];
    const names = point.threaded ? ["-y"] : [];
    return this.traced(station, [...filter, ...names, ...path, "-e", trace, "-e", inject]);
  }
}
