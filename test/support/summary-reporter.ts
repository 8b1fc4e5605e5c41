import { writeSync } from "node:fs";
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from "vitest/node";

/**
 * Ends a run with the tests that were not run, each with its reason, and then one line of its own:
 * `12 passed, 0 failed`, with `, 1 skipped` when there are any. What could not even load counts as failed.
 */
export default class SummaryReporter implements Reporter {
  #watching = false;

  onInit(vitest: Vitest): void {
    this.#watching = vitest.config.watch;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const text = summary(modules, unhandled.length);
    if (this.#watching) writeSync(1, text);
    // Everything else has been printed by then, so the line stays the last one.
    else process.once("exit", () => writeSync(1, text));
  }
}

function summary(modules: readonly TestModule[], unhandled: number): string {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const containers = modules.flatMap((module): (TestModule | TestSuite)[] => [
    module,
    ...module.children.allSuites(),
  ]);
  const broken = containers.filter((container) => container.errors().length > 0).length;
  const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
  const notRun = tests.filter((test) => !["passed", "failed"].includes(test.result().state));
  const lines =
    notRun.length === 0
      ? []
      : ["", "not run:", ...notRun.map((test) => `  ${test.fullName}: ${reason(test)}`)];
  const skipped = notRun.length === 0 ? "" : `, ${notRun.length} skipped`;
  return [
    ...lines,
    "",
    `${count("passed")} passed, ${count("failed") + broken + unhandled} failed${skipped}\n`,
  ].join("\n");
}

function reason(test: TestCase): string {
  const result = test.result();
  return result.state === "skipped" && result.note !== undefined
    ? result.note.replace(/^not run: /, "")
    : "no reason given";
}
