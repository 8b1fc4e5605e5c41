import { AprError } from "../../base/errors.ts";
import type { Descriptor } from "../../store/manifest.ts";
import { isAprError } from "../http/errors.ts";
import { hasCode, waitBefore } from "./ask.ts";
import { beginSession, type SessionOrMounted } from "./begin-session.ts";
import { LocalBlob } from "./local-blob.ts";
import { present } from "./present.ts";
import { Reached } from "./reached.ts";
import { digestMismatch, hostOf } from "./refusal.ts";
import { discard } from "./session.ts";
import type { PushContext } from "./types.ts";
import { type Ended, type Session, upload } from "./upload.ts";

type Outcome =
  | { readonly kind: "skipped" | "mounted" | "uploaded"; readonly told: string | undefined }
  | (Ended & { readonly kind: "lost" });

/** Gets one blob to the registry: it is there already, it is mounted from another repository, or it is sent. */
export async function sendBlob(
  context: PushContext,
  blob: Descriptor,
  mountFrom: readonly string[],
): Promise<void> {
  const sending = new Sending(context, blob, mountFrom);
  try {
    let why = "";
    // A registry that loses an upload so often would lose it for ever.
    for (let attempt = 1; attempt <= context.limits.tries; attempt++) {
      if (attempt > 1) await waitBefore(context, attempt - 1);
      const outcome = await sending.attempt(attempt);
      if (outcome.kind !== "lost") return await settle(context, blob, outcome, sending.reached);
      why = outcome.why;
    }
    throw new AprError("network", `${hostOf(context.api)} lost the upload of ${blob.digest}: it ${why}`, {
      hint: "try again later; if it stays so, the registry or a proxy before it is at fault",
      fields: { code: "upload-lost", host: hostOf(context.api), digest: blob.digest },
    });
  } finally {
    await sending.close();
  }
}

class Sending {
  readonly reached: Reached;
  readonly #context: PushContext;
  readonly #blob: Descriptor;
  #mountFrom: readonly string[];
  #local: LocalBlob | null = null;

  constructor(context: PushContext, blob: Descriptor, mountFrom: readonly string[]) {
    this.#context = context;
    this.#blob = blob;
    this.#mountFrom = mountFrom;
    this.reached = new Reached(context, blob);
  }

  async close(): Promise<void> {
    await this.#local?.close();
  }

  /** One way to the registry. It ends exactly once in the trace. */
  async attempt(number: number): Promise<Outcome> {
    const { emit, api } = this.#context;
    const path = { attempt: `${this.#blob.digest}#${number}`, chunk: this.#blob.digest, path: api.name };
    emit("path_chosen", path);
    let why = "stopped";
    try {
      const outcome = await this.#try();
      if (outcome.kind === "lost") why = outcome.why;
      else why = "";
      return outcome;
    } catch (error) {
      if (!this.#context.signal.aborted) why = isAprError(error) ? error.message : "failed";
      throw error;
    } finally {
      if (why === "") emit("path_done", path);
      else emit("path_failed", { ...path, why });
    }
  }

  async #try(): Promise<Outcome> {
    const there = await present(this.#context, this.#blob);
    if (there !== null) {
      // What was sent from here is proven by its own bytes too.
      await this.#local?.confirm();
      return { kind: this.#local === null ? "skipped" : "uploaded", told: there.told };
    }
    const slot = this.#context.obligations.reserve("slot", this.#blob.digest);
    let why = "stopped";
    try {
      const outcome = await this.#fill();
      if (outcome.kind === "lost") why = outcome.why;
      else slot.commit();
      return outcome;
    } finally {
      if (slot.open()) slot.abort(why);
    }
  }

  async #fill(): Promise<Outcome> {
    const begun = await this.#begin();
    if (begun.kind === "mounted") return begun;
    if (begun.session.offsetBytes > 0) {
      this.#context.totals.resumedBytes += begun.session.offsetBytes;
      this.reached.at(begun.session.offsetBytes);
    }
    const ended = await this.#send(begun.session);
    await this.#context.journal.drop(this.#blob.digest);
    return ended.kind === "done" ? { kind: "uploaded", told: ended.told } : ended;
  }

  async #begin(): Promise<SessionOrMounted> {
    const mountFrom = this.#mountFrom;
    this.#mountFrom = [];
    return beginSession(this.#context, this.#blob, mountFrom);
  }

  async #send(session: Session): Promise<Ended> {
    this.#local ??= await LocalBlob.open(this.#context, this.#blob);
    try {
      return await upload(this.#context, this.#blob, this.#local, session, this.reached);
    } catch (error) {
      if (hasCode(error, "damaged-blob")) {
        // What was sent so far is of no use to anybody.
        await this.#context.journal.drop(this.#blob.digest);
        await discard(this.#context, session.place);
      }
      throw error;
    }
  }
}

/** The registry has the blob: its own word on the digest decides. */
async function settle(
  context: PushContext,
  blob: Descriptor,
  { kind, told }: Outcome & { kind: "skipped" | "mounted" | "uploaded" },
  reached: Reached,
): Promise<void> {
  const { digest, sizeBytes } = blob;
  const said = told ?? (kind === "skipped" ? digest : await confirmed(context, blob));
  if (said !== digest) throw digestMismatch(context.api, digest, said);
  // Nothing was read here of what was not sent: the registry has hashed it.
  if (kind !== "uploaded") context.emit("hashed", { blob: digest, expected: digest, actual: said });
  context.emit("proof", { blob: digest, digest: said });
  if (kind === "skipped") context.totals.skippedBytes += sizeBytes;
  if (kind === "mounted") context.totals.mountedBytes += sizeBytes;
  const bytes = kind === "uploaded" ? sizeBytes : reached.restBytes;
  if (kind === "uploaded") reached.at(sizeBytes);
  context.tell({ kind, digest, bytes });
}

/** For a registry that named no digest when it took the blob. */
async function confirmed(context: PushContext, blob: Descriptor): Promise<string> {
  const there = await present(context, blob);
  return there === null ? "" : (there.told ?? blob.digest);
}
