import { parentPort, Worker } from "node:worker_threads";

/** A thread that does one task at a time. Tasks and answers are plain data. */
export interface TaskWorker {
  ask(task: unknown): Promise<unknown>;
  end(): Promise<void>;
}

/** What a task makes and throws away is swept less often in a larger nursery: a fifth of a sweep's time otherwise. */
const NURSERY_MIB = 96;

type Answer = { readonly done: unknown } | { readonly failed: string };

/** Starts a thread whose program calls `onTask`. */
export function startTaskWorker(program: URL): TaskWorker {
  const worker = new Worker(program, { resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MIB } });
  return {
    ask: (task) =>
      new Promise((resolve, reject) => {
        const over = (): void => {
          worker.off("message", onAnswer).off("error", onError).off("exit", onExit);
        };
        const onAnswer = (answer: Answer): void => {
          over();
          if ("failed" in answer) reject(new Error(answer.failed));
          else resolve(answer.done);
        };
        const onError = (error: Error): void => {
          over();
          reject(error);
        };
        const onExit = (code: number): void => {
          over();
          reject(new Error(`a worker thread ended with ${code}`));
        };
        worker.on("message", onAnswer).on("error", onError).on("exit", onExit);
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
        worker.postMessage(task);
      }),
    async end() {
      await worker.terminate();
    },
  };
}

/** In the thread's own program: does each task that it is asked for. */
export function onTask(work: (task: unknown) => Promise<unknown>): void {
  const answer = (given: Answer): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- nor has the thread that started it
    parentPort?.postMessage(given);
  };
  parentPort?.on("message", (task: unknown) => {
    work(task).then(
      (done) => answer({ done }),
      (error: unknown) =>
        answer({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}
