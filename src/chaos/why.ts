/** Why a failure matters to somebody who runs the program, by reason code. */
const WHY: Readonly<Record<string, string>> = {
  "over-budget": "a model that fits the machine may still not load",
  segfault: "nobody can tell an out-of-memory from a bug, and nothing was cleaned up",
  "silent-success": "scripts go on with an output that is not there or not whole",
  "silent-loss": "scripts go on with an output that is not whole",
  "no-oom-word": "the person is not told that memory was the cause",
  "no-disk-word": "the person is not told that the disk was the cause",
  "no-message": "the person is not told what stopped it",
  crash: "a crash says nothing and cleans nothing up",
  "wrong-exit-code": "a caller cannot tell an interruption from success or from another failure",
  "slow-response": "a person who pressed Ctrl-C waits, then kills it",
  "corrupt-cache": "after Ctrl-C it does not work any more until somebody cleans up by hand",
  "silent-overwrite": "a file that somebody still needs is gone without a question",
  clobbered: "the file that was there is lost or changed",
  "partial-output": "the next program takes the partial file for a whole one",
  leftover: "every failure leaves rubbish that somebody must find and remove",
  orphan: "a process goes on using memory and files after its command has ended",
  hang: "whoever waits for it waits for ever",
  "no-recovery": "it does not work any more until somebody cleans up by hand",
  "force-refused": "the documented way to replace a file does not work",
};

export function whyItMatters(codes: readonly string[]): string {
  const first = codes.find((code) => Object.hasOwn(WHY, code));
  return first === undefined ? "" : (WHY[first] ?? "");
}
