import { isJsonArray, isJsonObject, type Json } from "../../base/json.ts";
import type { PackContents } from "../../crashpack/types.ts";
import { aNumber, aText, BadRecord, object, orNull, someTexts } from "./codecs.ts";
import {
  MAX_LOG_NUMBERS,
  RECORD_FILE,
  RECORD_FORMAT,
  type RecordedHost,
  type TransferRecord,
} from "./format.ts";

const host = object<RecordedHost>({
  name: aText,
  pid: aNumber,
  bootId: aText,
  platform: aText,
  uid: aNumber,
  gid: aNumber,
  cores: aNumber,
  tempFolder: aText,
});

/** Reads the record of a pack, which may be hostile; null when there is none. Throws BadRecord. */
export function readRecord({ contents }: Pick<PackContents, "contents">): TransferRecord | null {
  const content = contents.get(RECORD_FILE);
  if (content === undefined) return null;
  let document: Json;
  try {
    // Every number in it is one of JavaScript's own: the exact parser has nothing to add.
    document = JSON.parse(
      typeof content === "string" ? content : Buffer.from(content).toString("utf8"),
    ) as Json;
  } catch {
    throw new BadRecord("it is no JSON");
  }
  if (!isJsonObject(document)) throw new BadRecord("it is no object");
  const { command = null, cut = null, format, host: told = null, log, texts = null, values } = document;
  if (format !== RECORD_FORMAT) throw new BadRecord(`it is not of format ${RECORD_FORMAT}`);
  if (!isJsonArray(log) || log.length > MAX_LOG_NUMBERS + 3 || !isJsonArray(values)) {
    throw new BadRecord("it has no log, or one that is too long");
  }
  if (!log.every((each) => typeof each === "number")) throw new BadRecord("its log holds other than numbers");
  return {
    format: RECORD_FORMAT,
    command,
    host: host.decode(told),
    cut: orNull(aText).decode(cut),
    texts: someTexts.decode(texts),
    values,
    log,
  };
}
