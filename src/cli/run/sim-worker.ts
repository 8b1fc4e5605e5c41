// The program of a sweep's thread, not a command.
import { type Batch, runBatch } from "../../scenarios/batch.ts";
import { onTask } from "../../world/node/task-worker.ts";

onTask((task) => runBatch(task as Batch));
