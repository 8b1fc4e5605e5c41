import type { Descriptor } from "../../store/manifest.ts";
import { ask } from "./ask.ts";
import { refusal } from "./refusal.ts";
import type { PushContext } from "./types.ts";

/** What the registry says of a blob that it has. */
export interface Present {
  /** Its digest, in the registry's own words. */
  readonly told: string | undefined;
}

/** Asks whether a blob is in the repository. One with another size or digest is as good as none: it is sent. */
export async function present(
  context: PushContext,
  { digest, sizeBytes }: Descriptor,
): Promise<Present | null> {
  const { api } = context;
  const answer = await ask(context, { method: "HEAD", url: api.url(`blobs/${digest}`) });
  const { status, headers } = answer;
  if (status === 404 || status === 405) return null;
  if (status !== 200) throw refusal(api, "look for a blob", answer);
  const told = headers["docker-content-digest"];
  const length = headers["content-length"];
  const same =
    (told === undefined || told === digest) && (length === undefined || Number(length) === sizeBytes);
  return same ? { told } : null;
}
