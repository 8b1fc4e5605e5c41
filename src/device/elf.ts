import type { OpenFile } from "../world/files.ts";

// Which libraries an ELF file asks for, without running anything. Source: ELF-64 object file format, System V gABI.

/** What a program or library asks the dynamic linker for. */
export interface ElfNeeds {
  /** Library names (DT_NEEDED), in order. */
  readonly needed: readonly string[];
  /** Folders to look in first (DT_RPATH, DT_RUNPATH), `$ORIGIN` not replaced. */
  readonly runPaths: readonly string[];
}

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const MAX_PROGRAM_HEADERS = 128;
const MAX_DYNAMIC_BYTES = 64 * 1024;
const MAX_TEXT_BYTES = 1024;
const MAX_NEEDED = 128;

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_RPATH = 15;
const DT_RUNPATH = 29;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/** Reads a little-endian ELF-64 file; null for every other file, and for one that lies about itself. */
export async function readElf(file: Pick<OpenFile, "readAt">): Promise<ElfNeeds | null> {
  const header = await read(file, 0, HEADER_BYTES);
  // Magic, 64 bits, little-endian.
  if (header?.readUInt32BE() !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) return null;
  const segments = await readSegments(file, header);
  const dynamic = segments?.find(({ type }) => type === PT_DYNAMIC);
  if (segments === null || segments === undefined) return null;
  // A static program asks for nothing.
  if (dynamic === undefined) return { needed: [], runPaths: [] };
  const table = await read(file, dynamic.offset, Math.min(dynamic.size, MAX_DYNAMIC_BYTES));
  return table === null ? null : readDynamic(file, table, segments);
}

async function readSegments(file: Pick<OpenFile, "readAt">, header: Buffer): Promise<Segment[] | null> {
  const offset = Number(header.readBigUInt64LE(32));
  const count = header.readUInt16LE(56);
  if (header.readUInt16LE(54) !== PROGRAM_HEADER_BYTES || count > MAX_PROGRAM_HEADERS) return null;
  const table = await read(file, offset, count * PROGRAM_HEADER_BYTES);
  if (table === null) return null;
  return Array.from({ length: count }, (_, index) => {
    const at = index * PROGRAM_HEADER_BYTES;
    return {
      type: table.readUInt32LE(at),
      offset: Number(table.readBigUInt64LE(at + 8)),
      address: Number(table.readBigUInt64LE(at + 16)),
      size: Number(table.readBigUInt64LE(at + 32)),
    };
  });
}

async function readDynamic(
  file: Pick<OpenFile, "readAt">,
  table: Buffer,
  segments: readonly Segment[],
): Promise<ElfNeeds | null> {
  const entries: { readonly tag: number; readonly value: number }[] = [];
  for (let at = 0; at + 16 <= table.length; at += 16) {
    const tag = Number(table.readBigInt64LE(at));
    if (tag === 0) break;
    entries.push({ tag, value: Number(table.readBigUInt64LE(at + 8)) });
  }
  const address = entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? -1;
  const home = segments.find(
    (segment) =>
      segment.type === PT_LOAD && address >= segment.address && address < segment.address + segment.size,
  );
  if (home === undefined) return null;
  const strings = home.offset + address - home.address;
  const textsOf = async (...tags: number[]): Promise<string[]> => {
    const texts: string[] = [];
    const wanted = entries.filter(({ tag }) => tags.includes(tag)).slice(0, MAX_NEEDED);
    for (const { value } of wanted) {
      const text = await readText(file, strings + value);
      if (text !== null) texts.push(text);
    }
    return texts;
  };
  const runPaths = (await textsOf(DT_RPATH, DT_RUNPATH)).flatMap((path) => path.split(":"));
  return { needed: await textsOf(DT_NEEDED), runPaths: runPaths.slice(0, MAX_NEEDED) };
}

/** A text up to its zero; null where there is no end in sight. */
async function readText(file: Pick<OpenFile, "readAt">, offset: number): Promise<string | null> {
  if (!Number.isSafeInteger(offset) || offset < 0) return null;
  const buffer = Buffer.alloc(MAX_TEXT_BYTES);
  const length = await file.readAt(buffer, offset);
  const end = buffer.subarray(0, length).indexOf(0);
  return end <= 0 ? null : buffer.toString("utf8", 0, end);
}

/** Exactly so many bytes; null where the file has fewer. */
async function read(file: Pick<OpenFile, "readAt">, offset: number, length: number): Promise<Buffer | null> {
  if (!Number.isSafeInteger(offset) || offset < 0) return null;
  const buffer = Buffer.alloc(length);
  return (await file.readAt(buffer, offset)) === length ? buffer : null;
}
