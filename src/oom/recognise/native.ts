import { bytesOf, known, SIZE } from "./sizes.ts";
import type { Rule, Told } from "./types.ts";

/** What a launcher may put before a line, such as `[rank0]: `. */
const PREFIX = String.raw`^(?:\[[^\]\n]{1,40}\]:? ?)?`;

export const nativeRules: readonly Rule[] = [
  {
    tool: "rust",
    killer: "allocator",
    pattern: /^memory allocation of (\d{1,20}) bytes failed\r?$/gm,
    read: ([, bytes]) => known<Told>({ requestedBytes: bytesOf(bytes, "B") }),
  },
  {
    tool: "c++",
    killer: "allocator",
    pattern:
      /^terminate called after throwing an instance of 'std::bad_alloc'(?:\r?\n {2}what\(\): {2}std::bad_alloc)?/gm,
  },
  {
    tool: "c++",
    killer: "allocator",
    pattern: /\bterminating (?:due to|with) uncaught exception of type std::bad_alloc\b/gm,
  },
  {
    tool: "numpy",
    killer: "allocator",
    pattern: new RegExp(
      String.raw`${PREFIX}(?:[\w.]{1,80}\.)?(?:_Array)?MemoryError: Unable to allocate ${SIZE} for an array[^\n]{0,200}`,
      "gm",
    ),
    read: ([, asked, unit]) => known<Told>({ requestedBytes: bytesOf(asked, unit) }),
  },
  {
    tool: "cupy",
    killer: "gpu",
    pattern:
      /\bcupy[\w.]{1,60}\.OutOfMemoryError: Out of memory allocating (\d[\d,]{0,26}) bytes[^\n]{0,120}/gm,
    read: ([, asked]) => known<Told>({ requestedBytes: bytesOf(asked, "B") }),
  },
  {
    tool: "python",
    killer: "runtime",
    // The last line of a traceback. The word alone stands in source code and in messages about handling it.
    pattern: new RegExp(String.raw`${PREFIX}MemoryError(?:: [^\n]{0,300})?\r?$`, "gm"),
    when: ([text]) => !/: Unable to allocate /.test(text),
  },
  {
    tool: "libc",
    killer: "allocator",
    // What the C library says for ENOMEM, at the end of a line as programs print it.
    pattern: /(?:: |\] )Cannot allocate memory(?::[^\n]{0,120})?\.?\r?$/gm,
  },
  {
    tool: "libc",
    killer: "allocator",
    pattern:
      /^[\w./-]{1,80}: (?:[\w./-]{1,60}: ){0,2}(?:x?(?:malloc|realloc|calloc): )?(?:cannot allocate (\d{1,20}) bytes|[Oo]ut of memory|(?:virtual )?memory exhausted)(?: \([^\n]{0,120}\)|, malloc failed \(tried to allocate (\d{1,20}) bytes\))?[.!]?\r?$/gm,
    read: ([, asked, tried]) => known<Told>({ requestedBytes: bytesOf(asked ?? tried, "B") }),
  },
];
