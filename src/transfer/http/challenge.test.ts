import fc from "fast-check";
import { expect, test } from "vitest";
import { parseChallenges } from "./challenge.ts";

function read(header: string): unknown {
  return parseChallenges(header)?.map(({ scheme, params }) => [scheme, Object.fromEntries(params)]);
}

test("reads the challenges of real registries", () => {
  expect(
    read(
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/x:pull"',
    ),
  ).toEqual([
    [
      "bearer",
      {
        realm: "https://auth.docker.io/token",
        service: "registry.docker.io",
        scope: "repository:library/x:pull",
      },
    ],
  ]);
  expect(read('Basic realm="a \\"quoted\\" realm, with a comma"')).toEqual([
    ["basic", { realm: 'a "quoted" realm, with a comma' }],
  ]);
  expect(read('Negotiate, Basic realm=x , Bearer Realm="y",error=invalid_token')).toEqual([
    ["negotiate", {}],
    ["basic", { realm: "x" }],
    ["bearer", { realm: "y", error: "invalid_token" }],
  ]);
  expect(read("Negotiate YWJjZA==, Basic realm=x")).toEqual([
    ["negotiate", {}],
    ["basic", { realm: "x" }],
  ]);
  expect(read("Basic")).toEqual([["basic", {}]]);
  expect(read("")).toEqual([]);
});

test.each([
  ['Bearer realm="open'],
  ['Bearer realm="a",realm="b"'],
  ["Bearer realm=a b=c"],
  ['Bearer "a"'],
  ["="],
  ["Bearer realm=a;service=b"],
  [`Bearer realm="${"a".repeat(9000)}"`],
  [Array.from({ length: 17 }, () => "Basic realm=x").join(", ")],
])("refuses %s", (header) => {
  expect(parseChallenges(header)).toBeNull();
});

test("is total, and quick, on anything", () => {
  const piece = fc.constantFrom("Bearer ", "realm=", '"', "\\", ",", " ", "=", "a", "\t", "Basic", '"x y"');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 400 }), (pieces) => {
      const header = pieces.join("");
      const started = performance.now();
      parseChallenges(header);
      return performance.now() - started < 200;
    }),
  );
});
