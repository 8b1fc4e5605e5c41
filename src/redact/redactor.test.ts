import { expect, test } from "vitest";
import { Redactor } from "./redactor.ts";

/** Characters that look random and are always the same. */
function filler(length: number): string {
  return "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW0xY".repeat(Math.ceil(length / 32)).slice(0, length);
}

const basic = (pair: string): string => Buffer.from(pair).toString("base64");

test.each([
  ["github-token", `ghp_${filler(36)}`],
  ["github-token", `github_pat_${filler(22)}_${filler(59)}`],
  ["hugging-face-token", `hf_${filler(34)}`],
  ["aws-key", "AKIAIOSFODNN7EXAMPLE"],
  ["openai-key", `sk-proj-${filler(48)}`],
  ["slack-token", `xoxb-123456789012-${filler(24)}`],
  ["npm-token", `npm_${filler(36)}`],
  ["google-key", `AIza${filler(35)}`],
  ["gitlab-token", `glpat-${filler(20)}`],
  ["jwt", `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${filler(43)}`],
  ["private-key", `-----BEGIN PRIVATE KEY-----\n${filler(64)}\n${filler(20)}==\n-----END PRIVATE KEY-----`],
])("a %s is found by its shape", (kind, secret) => {
  const redactor = new Redactor();
  expect(redactor.redact(`before ${secret} after`)).toBe(`before [redacted:${kind}] after`);
  expect(redactor.redact(`{"text":"a\\n${secret.replaceAll("\n", "\\n")}"}`)).not.toContain(
    secret.slice(8, 30),
  );
  expect(redactor.redact(`see ${encodeURIComponent(secret)}`)).not.toContain(secret.slice(-12));
  expect(redactor.redact(`see /x/${basic(`u:${secret}`)}`)).toMatch(/see \[redacted:base64\]/);
});

test.each([
  ["Authorization: Bearer abc", "Authorization: [redacted:authorization]"],
  [
    '> proxy-authorization: Digest username="x", response="y"',
    "> proxy-authorization: [redacted:authorization]",
  ],
  [
    "curl -H 'Authorization: token abc' https://h/",
    "curl -H 'Authorization: [redacted:authorization]' https://h/",
  ],
  ["Cookie: sid=abcdefgh; theme=dark", "Cookie: [redacted:cookie]"],
  ["Set-Cookie: sid=abcdefgh; Path=/", "Set-Cookie: [redacted:cookie]"],
  [`Basic ${basic("me:hunter2")}`, "Basic [redacted:authorization]"],
  ["tool --password hunter2 --verbose", "tool --password [redacted:password] --verbose"],
  ["tool --token=hunter2 x", "tool --token=[redacted:password] x"],
  ["tool --api-key 'two words' x", "tool --api-key [redacted:password] x"],
  ["export GITHUB_TOKEN=abc; run", "export GITHUB_TOKEN=[redacted:password]; run"],
  [`{"password": "a\\"b", "user": "me"}`, `{"password": "[redacted:password]", "user": "me"}`],
  [
    `"{\\"client_secret\\":\\"abc\\",\\"n\\":1}"`,
    `"{\\"client_secret\\":\\"[redacted:password]\\",\\"n\\":1}"`,
  ],
  ["X-Api-Key: abcdefgh", "X-Api-Key: [redacted:password]"],
  [
    "kubectl create --from-literal=password=abc",
    "kubectl create --from-literal=password=[redacted:password]",
  ],
  [`password: "a b\\" c"`, "password: [redacted:password]"],
  [`password=abc"def ghi`, "password=[redacted:password] ghi"],
  ["url=h?token=abc", "url=h?token=[redacted:password]"],
  ["aws_secret_access_key = abc/def+ghi", "aws_secret_access_key = [redacted:password]"],
  ["<server><password>a b</password></server>", "<server><password>[redacted:password]</password></server>"],
  ["https://h/b?se=1&sig=abc%2B&x=1", "https://h/b?se=1&sig=[redacted:password]&x=1"],
  ["+ mysql -u root -phunter2 db", "+ mysql -u root -p[redacted:password] db"],
  ["docker login -u me -p hunter2 host", "docker login -u me -p [redacted:password] host"],
  ["sshpass -p hunter2 ssh host", "sshpass -p [redacted:password] ssh host"],
  ["curl -u me:hunter2 https://h/", "curl -u [redacted:userinfo] https://h/"],
  ["postgres://me:p/w@db:5432/x", "postgres://[redacted:userinfo]@db:5432/x"],
  ["https://me:p%40ss@host/x?y=%20", "https://[redacted:userinfo]@host/x?y=%20"],
  ["https://abcdefghijklmnop@host/x", "https://[redacted:userinfo]@host/x"],
  ["machine h login me password hunter2", "machine h login me password [redacted:password]"],
])("%s is redacted by what stands around it", (text, redacted) => {
  expect(new Redactor().redact(text)).toBe(redacted);
  expect(new Redactor().redact(redacted)).toBe(redacted);
});

test.each([
  "cargo build --release && git commit -m 'no secret here'",
  "docker run -p 8080:80 image",
  "mkdir -p build/output",
  "tests 3 pass: 12 fail: 0, took 12.3 s",
  "src/proof/redactor.ts:12:4 error: Unexpected token: }",
  `{"max_tokens": 4096, "token_count": 12, "password_file": "/etc/p"}`,
  "https://registry.example.org/@types/node and http://host:8080/a@b",
  "git@github.com:owner/repo.git at 15201bb156951e268f04ff29c9d912ad914ce76f",
  `sha256:${"0123456789abcdef".repeat(4)}`,
  `{"secret": null, "password": false}`,
  "GIT_AUTHOR_NAME=me TOKENIZERS_PARALLELISM=false PWD=/tmp",
  "Basic documentation for the bearer of this letter",
  "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
  "Password:\nWelcome, token == x",
  "100% of 20%25 done",
])("%s is left as it is", (text) => {
  expect(new Redactor({ TOKENIZERS_PARALLELISM: "false", PWD: "/tmp" }).redact(text)).toBe(text);
});

test("values of the environment's secret variables are found in every writing", () => {
  const secret = `p w"d'$/ü`;
  const redactor = new Redactor({ DB_PASSWORD: secret, USER: "me", API_TOKEN: "abc" });
  for (const text of [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase(),
    encodeURIComponent(secret).replaceAll("%20", "+"),
    JSON.stringify(secret),
    secret.replaceAll("'", String.raw`'\''`),
    basic(secret),
    basic(`some one:${secret}`),
    encodeURIComponent(basic(`x:${secret}`)),
  ]) {
    expect(redactor.redact(`<${text}>`), text).toMatch(
      /^<"?\[redacted:(environment|base64|url-encoded)\]"?>$/,
    );
  }
  // Too short to be looked for in every word.
  expect(redactor.redact("me abc")).toBe("me abc");
});

test("what was found by its place is then found everywhere", () => {
  const redactor = new Redactor();
  redactor.learnWords(["tool", "--password", "correct horse"]);
  redactor.learn(`Authorization: Basic ${basic("me:hunter2!")}`);
  redactor.learn("https://me:p%40ssword@host/");
  expect(redactor.redact("correct horse, hunter2!, p@ssword")).toBe(
    "[redacted:password], [redacted:authorization], [redacted:userinfo]",
  );
});

test("a plain word behind a colon is redacted there, and nowhere else", () => {
  const redactor = new Redactor();
  redactor.learn("password: string;");
  expect(redactor.redact("password: string; name: string;")).toBe(
    "password: [redacted:password]; name: string;",
  );
});

test("a command's words tell about each other", () => {
  const redactor = new Redactor();
  const words = ["env", "DB_PASS=x y", "/usr/bin/mysql", "-px", "--password", "a", "--token-file", "t", "-p"];
  expect(redactor.redactWords(words)).toEqual([
    ...["env", "DB_PASS=[redacted:password]", "/usr/bin/mysql", "-p[redacted:password]"],
    ...["--password", "[redacted:password]", "--token-file", "t", "-p"],
  ]);
  expect(redactor.redactWords(["echo", "Authorization:", "Bearer", "abc", "fine"]).slice(1)).toEqual([
    ...["Authorization:", "[redacted:authorization]", "[redacted:authorization]", "fine"],
  ]);
  expect(redactor.redactWords(["npm", "config", "set", "//r/:_authToken", "abc"])[4]).toBe(
    "[redacted:password]",
  );
});

test("a private key of which only one end is there goes all the same", () => {
  const body = Array.from({ length: 4 }, (_, index) => `${index}${filler(63)}`).join("\n");
  const redactor = new Redactor();
  const head = redactor.redact(
    `start\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${body}\nAnd more: fine`,
  );
  const tail = redactor.redact(`start, fine\n${body}\n-----END RSA PRIVATE KEY-----\nend`);
  expect(head).toBe("start\n[redacted:private-key]\nAnd more: fine");
  expect(tail).toBe("start, fine\n[redacted:private-key]\nend");
});

test.each([
  ["one letter", "a".repeat(98_304)],
  ["URL encoding", "%41".repeat(32_768)],
  ["beginnings of keys", "-----BEGIN PRIVATE KEY-----".repeat(3500)],
  ["beginnings of tokens", "eyJaaaaaaaa".repeat(8900)],
  ["names", "token=".repeat(16_000)],
  ["quotes", `"`.repeat(98_304)],
  ["backslashes", "\\".repeat(98_304)],
  ["commands", "mysql -pabcdefg\n".repeat(6000)],
  ["addresses", "http://a:".repeat(10_000)],
  ["base64", `${"A".repeat(64)}\n`.repeat(1500)],
  ["points", "a.".repeat(49_000)],
  ["secrets", Array.from({ length: 6000 }, (_, index) => `password=abcdefg${index}`).join("\n")],
])("a stream full of %s takes no long time", { timeout: 10_000 }, (_, text) => {
  const redactor = new Redactor();
  redactor.learn(text);
  expect(redactor.redact(text).length).toBeGreaterThan(0);
});

test.each(["\n", "\n\n", "\nMIIB\n", "", "\n \n"])(
  "the end of a key after %j is looked at once",
  (before) => {
    const redactor = new Redactor();
    expect(redactor.redact(`${before}-----END PRIVATE KEY-----`)).not.toContain("MIIB");
  },
);
