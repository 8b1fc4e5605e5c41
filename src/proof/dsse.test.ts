import fc from "fast-check";
import { expect, test } from "vitest";
import { envelopeText, preAuthEncoding, readEnvelope } from "./dsse.ts";

const encoded = (type: string, body: string): string =>
  Buffer.from(preAuthEncoding(type, Buffer.from(body))).toString("utf8");

test("the encoding of the specification's example", () => {
  expect(encoded("http://example.com/HelloWorld", "hello world")).toBe(
    "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
  );
  const envelope = readEnvelope(
    `{"payload": "aGVsbG8gd29ybGQ=", "payloadType": "http://example.com/HelloWorld", "signatures": [{"sig": "A3JqsQ=="}]}`,
  );
  expect(envelope?.payloadType).toBe("http://example.com/HelloWorld");
  expect(Buffer.from(envelope?.payload ?? []).toString()).toBe("hello world");
});

test("lengths are bytes, not characters", () => {
  expect(encoded("tybé", "😀")).toBe("DSSEv1 5 tybé 4 😀");
  expect(encoded("", "")).toBe("DSSEv1 0  0 ");
});

test("what is written is read back; both alphabets of base64 are taken", () => {
  fc.assert(
    fc.property(fc.string(), fc.uint8Array(), fc.uint8Array(), (payloadType, payload, sig) => {
      const text = envelopeText({ payloadType, payload, signatures: [{ keyid: "k", sig }] });
      const urlSafe = text.replace(
        /"payload":"[^"]*"/,
        `"payload":"${Buffer.from(payload).toString("base64url")}"`,
      );
      for (const written of [text, urlSafe]) {
        const read = readEnvelope(written);
        expect(read?.payloadType).toBe(payloadType);
        expect(Buffer.from(read?.payload ?? [])).toEqual(Buffer.from(payload));
        expect(Buffer.from(read?.signatures[0]?.sig ?? [])).toEqual(Buffer.from(sig));
      }
    }),
  );
});

test.each([
  "",
  "null",
  "[]",
  "{}",
  `{"payload":"","payloadType":"x","signatures":[]}`,
  `{"payload":"","payloadType":1,"signatures":[{"sig":""}]}`,
  `{"payload":"a","payloadType":"x","signatures":[{"sig":""}]}`,
  `{"payload":"aa==x","payloadType":"x","signatures":[{"sig":""}]}`,
  `{"payload":"ab==","payloadType":"x","signatures":[{"sig":""}]}`,
  `{"payload":"","payloadType":"x","signatures":[{"sig":1}]}`,
  `{"payload":"","payloadType":"x","signatures":[{"sig":"","keyid":1}]}`,
  `{"payload":"","payloadType":"x","signatures":[1]}`,
  `{"payload":"","payloadType":"x","signatures":[${Array.from({ length: 17 }, () => '{"sig":""}').join()}]}`,
])("%s is no envelope", (text) => {
  expect(readEnvelope(text)).toBeNull();
});
