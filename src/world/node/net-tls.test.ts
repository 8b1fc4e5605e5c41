import { expect, test } from "vitest";
import { failureOf, get } from "../../../test/support/net.ts";
import { askElsewhere, certificate, tlsServer } from "../../../test/support/net-elsewhere.ts";
import { nodeNet } from "./net.ts";

test("a certificate that nobody vouches for is refused", async (context) => {
  const port = await tlsServer(certificate(context, "IP:127.0.0.1"));
  const error = await failureOf(nodeNet.request(get(`https://127.0.0.1:${port}/secret`), 100));
  expect(error).toMatchObject({ name: "NetError", failure: "tls" });
  expect(error.message).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
  expect(error.message).not.toContain("secret");
});

test("NODE_EXTRA_CA_CERTS vouches; nothing is printed beside the answer", async (context) => {
  const certified = certificate(context, "IP:127.0.0.1");
  const url = `https://127.0.0.1:${await tlsServer(certified)}`;
  expect(await askElsewhere(url, { env: { NODE_EXTRA_CA_CERTS: certified.path } })).toBe("200 safe");
});

test("a certificate for another name is refused", async (context) => {
  const certified = certificate(context, "DNS:other.example");
  const url = `https://127.0.0.1:${await tlsServer(certified)}`;
  expect(await askElsewhere(url, { env: { NODE_EXTRA_CA_CERTS: certified.path } })).toBe("tls");
});
