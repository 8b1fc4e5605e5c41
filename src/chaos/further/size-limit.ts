import { shellQuote } from "../../base/shellwords.ts";
import type { Case } from "./case.ts";
import type { Ground } from "./ground.ts";

/** A shell counts the limit in these. */
const BLOCK_BYTES = 512;

/** No file may grow beyond a limit in the middle of the output: the write across it is cut short, the next gets EFBIG. */
export function sizeLimit({ lines, reproduction, clean }: Ground): readonly Case[] {
  const whole = clean.output?.kind === "file" ? clean.output.size_bytes : 0;
  const last = Math.ceil(whole / BLOCK_BYTES) - 1;
  const limits = [...new Set([1, last >> 1, last])].filter((blocks) => blocks > 0 && blocks <= last);
  return limits.map((blocks) => ({
    name: "size-limit",
    title: "short write at a file size limit",
    which: String(blocks * BLOCK_BYTES),
    reproduce: reproduction.script(`trap "" XFSZ; ulimit -f ${blocks}; exec "$@"`),
    line: ({ station }) => {
      const [out, err] = [station.stdoutFile, station.stderrFile].map((file) => shellQuote([file]));
      const before = `exec >${out} 2>${err} </dev/null && trap '' XFSZ && ulimit -f ${blocks}`;
      return lines.after(before, station, [], "");
    },
    terms: (done) => {
      const fits = done.output?.kind === "file" && done.output.size_bytes > blocks * BLOCK_BYTES;
      const proof = `no file may be larger than ${blocks * BLOCK_BYTES} bytes; a clean run's output has ${whole}`;
      return { proof: fits ? null : proof, fault: "disk" };
    },
  }));
}
