import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { needs } from "../../../test/support/needs.ts";
import { startPush, traceFaults } from "../../../test/support/push/pushing.ts";
import { newStore } from "../../../test/support/store.ts";
import { bearerRegistry } from "../../../test/support/transfer/scoped.ts";
import { digestBySkopeo } from "../../../test/support/transfer/skopeo.ts";
import { nodeTransferWorld } from "../../world/node/transfer-world.ts";
import { httpClient } from "../http/client.ts";
import { openRegistry } from "../registry/api.ts";
import type { Credentials } from "../registry/credentials.ts";

// With bearer tokens, as most registries want them.

const LIMITS = { pieceBytes: 512 * 1024, monolithicBytes: 4096 };

test("tokens: nobody is refused, a user pushes and mounts", async (context) => {
  needs(context, "docker-registry", "setpriv", "openssl", "skopeo");
  const { store, add } = await newStore();
  await add("m:1", randomBytes(2_000_000));
  const login: Credentials = { kind: "basic", username: "me", password: "secret" };
  const { registry } = await bearerRegistry({ user: "me", password: "secret", anonymousPull: true });
  const open = (repository: string, credentials: Credentials, mountFrom: readonly string[] = []) => {
    const client = httpClient(nodeTransferWorld.net);
    const deps = { world: nodeTransferWorld, client, credentials: () => Promise.resolve(credentials) };
    const where = {
      host: registry.host,
      repository,
      plainHttp: false,
      scope: "pull,push",
      mountFrom,
    } as const;
    return openRegistry(deps, where);
  };
  const anonymous = startPush(store, open("team/a", { kind: "anonymous" }), "m:1", { limits: LIMITS });
  await expect(anonymous.result).rejects.toMatchObject({ kind: "network", fields: { code: "auth" } });
  expect(traceFaults(anonymous.events)).toEqual([]);
  const first = await startPush(store, open("team/a", login), "m:1", { limits: LIMITS }).result;
  expect(await digestBySkopeo(`${registry.host}/team/a:v1`)).toBe(first.digest);
  const mountFrom = ["team/a"];
  const second = startPush(store, open("team/b", login, mountFrom), "m:1", { limits: LIMITS, mountFrom });
  expect(await second.result).toMatchObject({ sentBytes: 0, mountedBytes: first.sizeBytes });
  expect(traceFaults(second.events)).toEqual([]);
});
