import type { NetAnswer, NetBody } from "../../world/net.ts";
import type { Descriptor } from "../../store/manifest.ts";
import { type Trouble, waitBefore } from "./ask.ts";
import type { LocalBlob } from "./local-blob.ts";
import type { UploadPlace } from "./location.ts";
import { present } from "./present.ts";
import type { Reached } from "./reached.ts";
import { refusal } from "./refusal.ts";
import { finish, sendPiece, type Step, where } from "./session.ts";
import { smallerPiece } from "./standing.ts";
import type { PushContext } from "./types.ts";

/** A session of the registry's, ready to take bytes. */
export interface Session {
  readonly place: UploadPlace;
  readonly leastBytes: number;
  /** What an earlier push sent; 0 for a new session. */
  readonly offsetBytes: number;
}

export type Ended =
  | { readonly kind: "done"; readonly told: string | undefined }
  | { readonly kind: "lost"; readonly why: string; readonly answer: NetAnswer | null };

/**
 * Sends one blob into one session, to its end. After a failure the registry is asked where it stands, and the
 * upload goes on from there; `lost` when the session itself is over.
 */
export async function upload(
  context: PushContext,
  blob: Descriptor,
  local: LocalBlob,
  session: Session,
  reached: Reached,
): Promise<Ended> {
  return new Upload(context, blob, local, session, reached).run();
}

class Upload {
  readonly #context: PushContext;
  readonly #blob: Descriptor;
  readonly #local: LocalBlob;
  readonly #reached: Reached;
  readonly #leastBytes: number;
  readonly #journaled: boolean;
  #place: UploadPlace;
  #offsetBytes: number;
  /** The furthest that this session has stood: only what goes beyond it is progress. */
  #bestBytes: number;
  #pieceBytes: number;
  #whole: boolean;
  #inDoubt = false;
  #finishing = false;
  #failures = 0;

  constructor(context: PushContext, blob: Descriptor, local: LocalBlob, session: Session, reached: Reached) {
    this.#context = context;
    this.#blob = blob;
    this.#local = local;
    this.#reached = reached;
    this.#leastBytes = session.leastBytes;
    this.#place = session.place;
    this.#offsetBytes = session.offsetBytes;
    this.#bestBytes = session.offsetBytes;
    this.#pieceBytes = Math.max(context.limits.pieceBytes, session.leastBytes);
    this.#whole = blob.sizeBytes <= context.limits.monolithicBytes;
    this.#journaled = !this.#whole;
  }

  async run(): Promise<Ended> {
    for (;;) {
      this.#context.signal.throwIfAborted();
      this.#local.check();
      const step = await this.#step();
      switch (step.kind) {
        case "done":
          this.#reached.at(this.#blob.sizeBytes);
          return step;
        case "lost":
          return step;
        case "stands": {
          const over = await this.#stand(step);
          if (over !== null) return over;
          break;
        }
        case "elsewhere":
          if (++this.#failures > this.#context.limits.tries) return lost("does not take the next piece");
          this.#inDoubt = true;
          break;
        case "too-large":
          this.#shrink(step.answer);
          break;
        case "trouble":
          await this.#recover(step);
          break;
      }
    }
  }

  async #step(): Promise<Step> {
    if (this.#inDoubt) {
      // The answer to the last request may be all that was missed.
      const there = this.#finishing ? await present(this.#context, this.#blob) : null;
      return there === null ? where(this.#context, this.#place) : { kind: "done", told: there.told };
    }
    const { sizeBytes, digest } = this.#blob;
    const rest = sizeBytes - this.#offsetBytes;
    const wholeNow = this.#whole && this.#offsetBytes === 0;
    if (rest > 0 && !wholeNow) {
      return sendPiece(this.#context, this.#place, this.#body(Math.min(rest, this.#pieceBytes)));
    }
    await this.#local.confirm();
    this.#finishing = true;
    return finish(this.#context, this.#place, digest, rest === 0 ? null : this.#body(rest));
  }

  #body(sizeBytes: number): NetBody & { readonly kind: "file" } {
    const offsetBytes = this.#offsetBytes;
    let at = offsetBytes;
    const onBytes = (bytes: number): void => {
      at += bytes;
      this.#context.totals.sentBytes += bytes;
      this.#reached.at(at);
    };
    return { kind: "file", file: this.#local.file, offsetBytes, sizeBytes, onBytes };
  }

  async #stand(step: Step & { readonly kind: "stands" }): Promise<Ended | null> {
    if (step.offsetBytes > this.#blob.sizeBytes) return lost("has more than was sent");
    this.#inDoubt = false;
    this.#place = step.place;
    this.#offsetBytes = step.offsetBytes;
    if (step.offsetBytes > this.#bestBytes) {
      this.#bestBytes = step.offsetBytes;
      this.#failures = 0;
    } else if (++this.#failures > this.#context.limits.tries) {
      return lost("does not come forward");
    }
    if (this.#journaled) await this.#context.journal.put(this.#blob.digest, step.place.url.href);
    return null;
  }

  #shrink(answer: NetAnswer): void {
    const smaller = this.#whole
      ? Math.min(this.#pieceBytes, Math.max(this.#blob.sizeBytes, this.#leastBytes) - 1)
      : smallerPiece(this.#pieceBytes, this.#leastBytes);
    if (smaller === null || smaller < 1) throw refusal(this.#context.api, "upload a blob", answer);
    this.#pieceBytes = smaller;
    this.#whole = false;
  }

  async #recover(trouble: Trouble): Promise<void> {
    if (++this.#failures >= this.#context.limits.tries) {
      const { last } = trouble;
      throw last instanceof Error ? last : refusal(this.#context.api, "upload a blob", last);
    }
    await waitBefore(this.#context, this.#failures, trouble.afterMs);
    this.#inDoubt = true;
  }
}

function lost(why: string): Ended {
  return { kind: "lost", why, answer: null };
}
