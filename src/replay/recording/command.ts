import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import type { PullCommand, PushCommand } from "../../transfer/command.ts";
import { aBoolean, aNumber, aText, BadRecord, object, orNull, someTexts } from "./codecs.ts";
import { withoutQuery } from "./redact.ts";

export type TransferCommand = PullCommand | PushCommand;

const common = { retries: aNumber, stallMs: aNumber, plainHttp: aBoolean, store: aText } as const;

const pull = object<Omit<PullCommand, "kind">>({
  ...common,
  ...{
    ref: aText,
    from: someTexts,
    open: someTexts,
    lenient: aBoolean,
    target: orNull(aText),
    replace: aBoolean,
  },
  ...{ ollamaUrl: orNull(aText), hubEndpoint: orNull(aText), workingFolder: aText },
});

const push = object<Omit<PushCommand, "kind">>({
  ...common,
  ...{ tag: aText, host: aText, repository: aText, reference: aText, force: aBoolean, mountFrom: someTexts },
});

/** A command as a record keeps it: without the queries of its URLs, which may be secrets. */
export function commandJson(command: TransferCommand): JsonObject {
  if (command.kind === "push") return { kind: "push", ...(push.encode(command) as JsonObject) };
  const { hubEndpoint, ollamaUrl, open } = command;
  const clean: PullCommand = {
    ...command,
    open: open.map(openable),
    ollamaUrl: ollamaUrl === null ? null : withoutQuery(ollamaUrl),
    hubEndpoint: hubEndpoint === null ? null : withoutQuery(hubEndpoint),
  };
  return { kind: "pull", ...(pull.encode(clean) as JsonObject) };
}

/** Throws BadRecord for what is no command. */
export function readCommand(json: Json): TransferCommand {
  const kind = isJsonObject(json) ? json["kind"] : undefined;
  if (kind === "pull") return { kind, ...pull.decode(json) };
  if (kind === "push") return { kind, ...push.decode(json) };
  throw new BadRecord("a command that is none");
}

/** Only a URL has a query; what follows its # stays. */
function openable(text: string): string {
  if (!/^https?:\/\//i.test(text)) return text;
  const [url = "", ...fragment] = text.split("#");
  return [withoutQuery(url), ...fragment].join("#");
}
