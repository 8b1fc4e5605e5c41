import { expect, test } from "vitest";
import { cleanAnswer, cleanHead, withoutQueries, withoutQuery } from "./redact.ts";

const answer = (value: unknown) => ({
  status: 200,
  headers: { "content-type": "application/json", "set-cookie": "session=hunter2" },
  body: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
});

test.each([
  ["https://host/a?sig=hunter2&x=1", "https://host/a?left-out"],
  ["https://ana:hunter2@host/a", "https://host/a"],
  ["/v2/x/uploads/1?_state=hunter2", "/v2/x/uploads/1?left-out"],
  ["https://host/a", "https://host/a"],
  ["https://host/a?left-out&digest=sha256:1", "https://host/a?left-out"],
])("%s is kept as %s", (url, kept) => {
  expect(withoutQuery(url)).toBe(kept);
  expect(withoutQuery(kept)).toBe(kept);
});

test("URLs within messages lose theirs too", () => {
  expect(withoutQueries('no answer from "https://h/a?k=hunter2" (http://b:c@d/)')).toBe(
    'no answer from "https://h/a?left-out" (http://d/)',
  );
});

test("only the headers that the engine looks at are kept, without signatures", () => {
  const headers = { location: "https://s/b?X-Amz-Signature=hunter2", "set-cookie": "hunter2", etag: '"1"' };
  expect(cleanHead({ status: 307, headers })).toEqual({
    status: 307,
    headers: { location: "https://s/b?left-out", etag: '"1"' },
  });
});

test("a body that holds a token holds none afterwards; any other is the same", () => {
  const tokens = cleanAnswer(answer({ token: "hunter2", access_token: "hunter2", expires_in: 300 }));
  expect(JSON.parse(tokens.body.toString())).toEqual({
    token: "left-out",
    access_token: "left-out",
    expires_in: 300,
  });
  expect(tokens.headers).toEqual({ "content-type": "application/json" });
  for (const body of ['{"schemaVersion": 2}', "{ no json", "", "[1]"]) {
    expect(cleanAnswer(answer(body)).body.toString()).toBe(body);
  }
});
