import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { apr, type AprOptions, type AprResult, type RunningApr, startApr } from "../cli.ts";
import type { TestBlob } from "./model.ts";
import { hexOfFile, type Visible, visibleIn } from "./visible.ts";

/** What `apr pull --json` says of a pull that worked. */
export interface PullDocument {
  readonly tag: string;
  readonly digest: string;
  readonly size: number;
  /** Bytes that came in this run, from an earlier one, and that the store had. */
  readonly fetched: number;
  readonly resumed: number;
  readonly known: number;
  readonly sources: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly dropped: string | null;
  }[];
  readonly repairs: number;
  readonly verdict: string;
  readonly checks: number;
  readonly events: number;
}

export interface TransferEntry {
  readonly id: string;
  readonly ref: string;
  readonly tag: string;
  readonly size: number | null;
  readonly have: number;
  readonly live: boolean;
}

export interface ErrorDocument {
  readonly error: { readonly kind: string; readonly message: string; readonly exit_code: number };
}

/** Faults must end within a test's time, not within a person's patience. */
const QUICK = { "--stall-timeout": "500ms", "--retries": "2" };

/** A folder with a store that is not there yet, and apr that knows no other home. */
export class Stage {
  readonly folder: string = mkdtempSync(join(tmpdir(), "apr-pull-"));
  readonly store: string = join(this.folder, "models");
  readonly env: Readonly<Record<string, string>> = { APR_MODELS: this.store, HOME: this.folder };

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  run(args: readonly string[], options: AprOptions = {}): Promise<AprResult> {
    return apr(args, { cwd: this.folder, ...options, env: { ...this.env, ...options.env } });
  }

  start(args: readonly string[], options: AprOptions = {}): RunningApr {
    return startApr(args, { cwd: this.folder, ...options, env: { ...this.env, ...options.env } });
  }

  /** `apr pull --json` with short waits, to its end. */
  pull(ref: string, flags: readonly string[] = [], options: AprOptions = {}): Promise<AprResult> {
    return this.run(pullArgs(ref, flags), options);
  }

  startPull(ref: string, flags: readonly string[] = [], options: AprOptions = {}): RunningApr {
    return this.start(pullArgs(ref, flags), options);
  }

  async transfers(): Promise<readonly TransferEntry[]> {
    const result = await this.run(["transfers", "ls", "--json"]);
    expect(result.code, result.stderr).toBe(0);
    return (result.json() as { transfers: TransferEntry[] }).transfers;
  }

  visible(): Visible {
    return visibleIn(this.store);
  }

  /** Neither a tag nor a blob: a pull that failed shows nothing. */
  expectNothing(): void {
    expect(this.visible()).toEqual({ tags: [], blobs: [], wrong: [] });
  }

  /** One tag, whose model is this one; nothing unfinished is left, and the oracle passed. */
  expectModel(result: AprResult, model: TestBlob): PullDocument {
    expect(result.code, `${result.stdout}${result.stderr}`).toBe(0);
    const document = result.json() as PullDocument;
    expect(document.verdict).toBe("pass");
    expect(document.checks).toBe(8);
    this.expectOnly(model);
    return document;
  }

  /** The store holds this model under one tag, and nothing else anywhere. */
  expectOnly(model: TestBlob): void {
    const { tags, blobs, wrong } = this.visible();
    expect({ tags: tags.length, wrong }).toEqual({ tags: 1, wrong: [] });
    expect(blobs).toHaveLength(2);
    expect(hexOfFile(`${this.store}/blobs/sha256-${model.hex}`)).toBe(model.hex);
    expect(this.unfinished()).toEqual([]);
  }

  /** What lies in the folders for unfinished work. */
  unfinished(): string[] {
    return ["ingest", "quarantine", "transfers"].flatMap((name) => {
      try {
        return readdirSync(`${this.store}/${name}`).map((entry) => `${name}/${entry}`);
      } catch {
        return [];
      }
    });
  }
}

/** `apr pull --json` with short waits, unless the flags tell others. */
export function pullArgs(ref: string, flags: readonly string[]): string[] {
  const quick = Object.entries(QUICK).filter(([flag]) => !flags.includes(flag));
  return ["pull", ref, "--json", ...quick.flat(), ...flags];
}

/** A stage that is gone after the running test. */
export function stage(): Stage {
  const made = new Stage();
  onTestFinished(() => made.remove());
  return made;
}

/** The error of a command that failed: it must be told as JSON and to the person alike. */
export function errorOf(result: AprResult): ErrorDocument["error"] {
  const { error } = result.json() as ErrorDocument;
  expect(error.exit_code).toBe(result.code);
  expect(result.stderr).toContain("apr: ");
  expect(result.stderr).not.toContain("breaks the transfer contract");
  expect(error.message.length).toBeGreaterThan(10);
  return error;
}
