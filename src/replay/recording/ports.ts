import { isJsonObject } from "../../base/json.ts";
import type { ModelSummary } from "../../store/config.ts";
import type { CommandPorts } from "../../transfer/command.ts";
import type { Credentials } from "../../transfer/registry/credentials.ts";
import type { Host } from "../../world/world.ts";
import { anyJson, aText, BadRecord, orNull } from "./codecs.ts";
import { wiredWorld } from "./wired-world.ts";
import type { Codec, Wire } from "./wire.ts";

/** Stands for every secret: a record says that there was one, and of what kind. */
const SECRET = "left-out";

/** All that a command needs of the outside, on a wire. What it learns of secrets is real, and is not recorded. */
export function wiredPorts(wire: Wire, { describe, logins, world }: CommandPorts, host: Host): CommandPorts {
  return {
    world: wiredWorld(wire, world, host),
    logins: {
      registry: (name, signal) =>
        wire.call(`login for ${name}`, credentials, () => logins.registry(name, signal), { signal }),
      hub: () => wire.call("login for the hub", orNull(secret), () => logins.hub()),
    },
    describe: (files) =>
      wire.call(`describe ${files.map(({ title }) => title).join(" ")}`, summary, () => describe(files)),
  };
}

const secret: Codec<string> = { encode: () => SECRET, decode: () => SECRET };

const credentials: Codec<Credentials> = {
  encode: ({ kind }) => kind,
  decode(json) {
    const kind = aText.decode(json);
    switch (kind) {
      case "anonymous":
        return { kind };
      case "basic":
        return { kind, username: SECRET, password: SECRET };
      case "identity":
      case "bearer":
        return { kind, token: SECRET };
      default:
        throw new BadRecord("a login that is none");
    }
  },
};

const summary: Codec<ModelSummary> = {
  encode: (value) => anyJson.encode({ ...value }),
  decode(json) {
    if (isJsonObject(json)) return json as unknown as ModelSummary;
    throw new BadRecord("a model that is none");
  },
};
