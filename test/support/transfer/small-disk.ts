import { APR } from "../cli.ts";
import { run } from "./run.ts";
import { pullArgs } from "./stage.ts";

/** What happened on a disk that was too small, and then large enough. */
export interface SmallDiskOutcome {
  /** Exit codes of the pull on the small disk and of the same one afterwards. */
  readonly codes: readonly [number, number];
  readonly stderr: string;
  /** Files in `blobs/` and `manifests/` after the first pull, and what `apr transfers ls --json` said. */
  readonly visible: string;
  readonly transfers: string;
  /** SHA-256 of every blob in the end. */
  readonly hashes: string;
}

export interface SmallDisk {
  readonly folder: string;
  readonly ref: string;
  readonly flags: readonly string[];
  readonly smallMib: number;
  readonly largeMib: number;
  /** Fills the disk, but for its last `leaveMib`, once this much of the pull lies on it; the room cannot be reserved. */
  readonly fill?: { readonly afterMib: number; readonly leaveMib: number };
}

/** Runs a pull twice in a user namespace with a file system of its own: too small at first, then large enough. */
export async function pullOnSmallDisk(options: SmallDisk): Promise<SmallDiskOutcome> {
  const ran = await run(["unshare", "-rm", "sh", "-c", script(options)]);
  if (ran.code !== 0) throw new Error(`the small disk: ${ran.stderr}`);
  const part = (name: string): string =>
    new RegExp(`<${name}>([^]*)</${name}>`).exec(ran.stdout)?.[1]?.trim() ?? "";
  return {
    codes: [Number(part("first")), Number(part("second"))],
    stderr: ran.stderr,
    visible: part("visible"),
    transfers: part("transfers"),
    hashes: part("hashes"),
  };
}

function script({ folder, ref, flags, smallMib, largeMib, fill }: SmallDisk): string {
  const disk = `${folder}/disk`;
  const store = `${disk}/models`;
  const apr = `env APR_MODELS=${store} HOME=${folder} ${process.execPath} ${APR}`;
  const pull = `${apr} ${pullArgs(ref, flags)
    .map((word) => `'${word}'`)
    .join(" ")} >${folder}/out`;
  // A file whose room was reserved cannot meet a full disk: here the file system is one that does not reserve.
  const traced = `strace -f -qq -o /dev/null -e trace=fallocate -e inject=fallocate:error=EOPNOTSUPP ${pull}`;
  const filler = `for turn in $(seq 500); do
    test $(du -sm ${disk} | cut -f1) -ge ${fill?.afterMib ?? 0} && break; sleep 0.01; done
    room=$(df --output=avail -BM ${disk} | tail -1 | tr -dc 0-9)
    dd if=/dev/zero of=${disk}/filler bs=1M count=$((room - ${fill?.leaveMib ?? 0})) status=none`;
  const first =
    fill === undefined
      ? `${pull}; echo "<first>$?</first>"`
      : `${traced} & pid=$!
    ${filler}
    wait $pid; echo "<first>$?</first>"; rm ${disk}/filler`;
  return `set -u; mkdir ${disk}; mount -t tmpfs -o size=${smallMib}m tmpfs ${disk} || exit 9
    ${first}
    echo "<visible>$(find ${store}/blobs ${store}/manifests -type f 2>/dev/null)</visible>"
    echo "<transfers>$(${apr} transfers ls --json)</transfers>"
    mount -o remount,size=${largeMib}m ${disk} || exit 9
    ${pull}; echo "<second>$?</second>"
    echo "<hashes>$(sha256sum ${store}/blobs/* | cut -d' ' -f1)</hashes>"`;
}
