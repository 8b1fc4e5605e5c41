import { AprError, EXIT } from "../../base/errors.ts";
import { type JsonObject, stringifyJson } from "../../base/json.ts";
import { contractSchema, gateSchema } from "../../contracts/json-schema.ts";
import { contracts } from "../../contracts/registry.ts";
import {
  contractJson,
  contractsText,
  gateJson,
  gateText,
  wholeContractText,
} from "../../reports/contracts.ts";
import type { AprContext, CommonFlags, Run } from "../context.ts";
import { type Subject, subjectOf } from "../lint/subject.ts";

export interface ContractsFlags extends CommonFlags {
  readonly schema: boolean;
}

export const run: Run<ContractsFlags, [string?]> = (context, flags, id) =>
  Promise.resolve(show(context, flags, id));

function show(context: AprContext, flags: ContractsFlags, id: string | undefined): number {
  if (id === undefined) {
    if (flags.schema) {
      throw new AprError("usage", "--schema needs the id of a contract or a gate", { hint: "apr contracts" });
    }
    return print(context, flags.json, { contracts: contracts.map(contractJson) }, contractsText(contracts));
  }
  const subject = subjectOf(id);
  if (flags.schema) {
    const schema = subject.kind === "gate" ? gateSchema(subject.gate) : contractSchema(subject.contract);
    return print(context, true, schema, "");
  }
  return print(context, flags.json, subjectJson(subject), subjectText(subject));
}

function subjectJson(subject: Subject): JsonObject {
  return subject.kind === "gate" ? gateJson(subject.gate) : contractJson(subject.contract);
}

function subjectText(subject: Subject): string {
  return subject.kind === "gate" ? gateText(subject.gate) : wholeContractText(subject.contract);
}

function print(context: AprContext, json: boolean, document: JsonObject, text: string): number {
  context.out(json ? `${stringifyJson(document, 2)}\n` : text);
  return EXIT.ok;
}
