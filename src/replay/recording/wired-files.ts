import type { Files, LinkOutcome, OpenFile, SpaceFacts } from "../../world/files.ts";
import {
  aBoolean,
  aNumber,
  aText,
  bytes,
  entries,
  facts,
  handle,
  nothing,
  object,
  orNull,
  smallRead,
  texts,
} from "./codecs.ts";
import type { Tainted } from "./tainted.ts";
import { WiredFile } from "./wired-file.ts";
import type { Codec, Wire } from "./wire.ts";

const space: Codec<SpaceFacts> = object<SpaceFacts>({ freeBytes: aNumber, freeInodes: aNumber });
const linked = aText as Codec<LinkOutcome>;

/** The disk on a wire. */
export function wiredFiles(wire: Wire, real: Files, tainted: Tainted): Files {
  let opened = 0;
  const open = async (words: string, path: string, ask: () => Promise<OpenFile>): Promise<OpenFile> => {
    const inner = await wire.call(`${words} ${path}`, handle<OpenFile>(), ask);
    opened += 1;
    return new WiredFile(wire, inner, `${opened} ${path}`, tainted);
  };
  const { call } = { call: wire.call.bind(wire) };
  return {
    facts: (path) => call(`facts ${path}`, orNull(facts), () => real.facts(path)),
    realPath: (path) => call(`real path ${path}`, aText, () => real.realPath(path)),
    list: (path) => call(`list ${path}`, texts, () => real.list(path)),
    readBounded: (path, max) => call(`read ${path}`, bytes, () => real.readBounded(path, max)),
    // Of no use to a transfer: whole contents are read beside this thread.
    readChunks: (path) => real.readChunks(path),
    readLink: (path) => call(`read link ${path}`, aText, () => real.readLink(path)),
    write: (path, data, mode) => call(`write ${path}`, nothing, () => real.write(path, data, mode)),
    writeAtomic: (path, data) => call(`write whole ${path}`, nothing, () => real.writeAtomic(path, data)),
    copy: (from, to) => call(`copy ${from} ${to}`, nothing, () => real.copy(from, to)),
    makeFolder: (path) => call(`make folders ${path}`, nothing, () => real.makeFolder(path)),
    makeTempFolder: (prefix) => call(`make new folder ${prefix}`, aText, () => real.makeTempFolder(prefix)),
    rename: (from, to) => call(`rename ${from} ${to}`, nothing, () => real.rename(from, to)),
    setMode: (path, mode) => call(`mode ${path} ${mode}`, nothing, () => real.setMode(path, mode)),
    setModified: (path, ns) => call(`set time ${path}`, nothing, () => real.setModified(path, ns)),
    symlink: (target, path) => call(`make link ${target} ${path}`, nothing, () => real.symlink(target, path)),
    remove: (path) => call(`remove ${path}`, nothing, () => real.remove(path)),
    space: (path) => call(`space ${path}`, space, () => real.space(path)),
    openRead: (path) => open("open", path, () => real.openRead(path)),
    openUpdate: (path) => open("open to change", path, () => real.openUpdate(path)),
    createNew: (path, mode) => open("create", path, () => real.createNew(path, mode)),
    readSmall: (path, max) => call(`read small ${path}`, smallRead, () => real.readSmall(path, max)),
    entries: (path, max) => call(`names ${path}`, orNull(entries), () => real.entries(path, max)),
    makeOneFolder: (path) => call(`make folder ${path}`, aBoolean, () => real.makeOneFolder(path)),
    removeEmptyFolder: (path) => call(`remove folder ${path}`, aBoolean, () => real.removeEmptyFolder(path)),
    unlink: (path) => call(`unlink ${path}`, aBoolean, () => real.unlink(path)),
    move: (from, to) => call(`move ${from} ${to}`, aBoolean, () => real.move(from, to)),
    link: (from, to) => call(`link ${from} ${to}`, linked, () => real.link(from, to)),
    reflink: (from, to) => call(`share ${from} ${to}`, aBoolean, () => real.reflink(from, to)),
    syncFolder: (path) => call(`sync folder ${path}`, nothing, () => real.syncFolder(path)),
  };
}
