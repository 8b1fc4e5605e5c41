/** Virtual content is made and known again in whole pages where it can be: copied and compared, not computed. */
export const PAGE_BYTES: number = 256 * 1024;
/** 64 MiB of them: every model of a story, as long as it is small enough to be read at all. */
const MAX_PAGES = 256;

const made = new Map<string, Uint8Array>();

/** Page number `index` of content `id`; `make` fills a new one. */
export function pageOf(id: number, index: number, make: (page: Uint8Array) => void): Uint8Array {
  const key = `${id}/${index}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const page = new Uint8Array(PAGE_BYTES);
  make(page);
  const [oldest] = made.keys();
  if (made.size >= MAX_PAGES && oldest !== undefined) made.delete(oldest);
  made.set(key, page);
  return page;
}
