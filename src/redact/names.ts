/** Last words that tell of something about a secret, not the secret: a file's name, a switch, a number. */
const ABOUT = new Set([
  ...["FILE", "FILENAME", "PATH", "DIR", "STDIN", "PROMPT", "ENV", "NAME", "URL", "TYPE", "LENGTH", "SIZE"],
  ...["TTL", "EXPIRY", "COUNT", "LIMIT", "HINT", "POLICY", "SOCK", "HELPER", "STORE", "PARALLELISM"],
]);

const ANYWHERE =
  /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIALS?|APIKEY|AUTHTOKEN|ACCESSTOKEN|PRIVATEKEY|ACCESSKEY|SECRETKEY)/;
const LAST_WORD = /(?:TOKEN|AUTHORIZATION|COOKIE|COOKIES)\d*$/;
const KEY_PAIR =
  /(?:^|_)(?:API|ACCESS|PRIVATE|SECRET|ENCRYPTION|SIGNING|AUTH|MASTER|SESSION|DEPLOY|SAS)_KEYS?\d*$/;
const WORDS = /(?:^|_)(?:PASS|PWD|PAT|AUTH)\d*$/;

/** Names of variables that hold a folder. */
const FOLDERS = new Set(["PWD", "OLDPWD"]);

/** `clientSecret`, `client-secret` and `client.secret` are all CLIENT_SECRET. */
function upperSnake(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
    .toUpperCase();
}

/** Whether a variable, flag, header or key of this name holds a secret, as far as a name can tell. */
export function isSecretName(name: string): boolean {
  const words = upperSnake(name);
  if (FOLDERS.has(words) || ABOUT.has(words.slice(words.lastIndexOf("_") + 1)) || words.endsWith("KEY_ID")) {
    return false;
  }
  return ANYWHERE.test(words) || LAST_WORD.test(words) || KEY_PAIR.test(words) || WORDS.test(words);
}

/** What stands in such a place and is no secret. */
export const PLAIN = /^(?:true|false|yes|no|on|off|none|null|undefined)[,;]?$/i;

/** Shorter values of the environment are left alone: they stand in every second word. */
const MIN_ENVIRONMENT_CHARS = 4;

/** The values of an environment that are secret by their variables' names. */
export function secretValues(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value.length >= MIN_ENVIRONMENT_CHARS && !PLAIN.test(value) && isSecretName(name)
      ? [value]
      : [],
  );
}
