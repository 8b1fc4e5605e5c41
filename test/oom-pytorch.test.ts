import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { apr } from "./support/cli.ts";
import { ROOT } from "./support/files.ts";
import { needs, notOnThisHost } from "./support/needs.ts";
import { aprRun, expectSoundReport } from "./support/oom/report.ts";
import { tempDir } from "./support/temp.ts";

test("a real out-of-memory of torch.cuda", (context) => {
  needs(context, "python3");
  if (!existsSync("/dev/nvidiactl")) notOnThisHost(context, "CUDA device");
  const { status, stdout } = spawnSync(process.execPath, [`${ROOT}test/gpu/oom-torch.mjs`], {
    encoding: "utf8",
  });
  if (status === 77) notOnThisHost(context, "CUDA device for PyTorch");
  expect({ status, stdout }).toMatchObject({ status: 0 });
});

/**
 * Stands where PyTorch would: its few calls that the shim makes, with their names and arguments. That the shim fits the
 * real one is for the test above; here are the shim's manners and what becomes of its files.
 */
const TORCH = `
from . import version, cuda
class _C:
    @staticmethod
    def _cuda_attach_out_of_memory_observer(observer):
        cuda.observer = observer
`;
const CUDA = `
observer = None
recorded = []
_queue = []
def _lazy_call(call):
    _queue.append(call)
def start():
    for call in _queue: call()
class memory:
    @staticmethod
    def _record_memory_history(*args, **kwargs):
        recorded.append((args, kwargs))
    @staticmethod
    def _snapshot():
        frames = [{"filename": "model.py", "line": 7, "name": "layer"}, {"filename": "train.py", "line": 3, "name": "main"}]
        block = {"address": 4096, "size": 1048576, "requested_size": 1048000, "state": "active_allocated", "frames": frames}
        segment = {"device": 0, "address": 4096, "total_size": 2097152, "allocated_size": 1048576, "active_size": 1048576, "segment_type": "small", "stream": 0, "blocks": [block], "frames": frames}
        entry = {"action": "alloc", "addr": 4096, "size": 1048000, "stream": 0, "time_us": 5, "frames": frames}
        return {"segments": [segment], "device_traces": [[entry]], "allocator_settings": {}}
def memory_stats(device):
    return {"allocated_bytes.all.peak": 3000000, "reserved_bytes.all.peak": 4194304, "allocated_bytes.all.current": 1048576}
def mem_get_info(device):
    return (1000, 8589934592)
def get_device_name(device):
    return "Card of the test"
`;

function pythonFolder(): string {
  const folder = tempDir();
  mkdirSync(join(folder, "torch"));
  writeFileSync(join(folder, "torch/__init__.py"), TORCH);
  writeFileSync(join(folder, "torch/version.py"), 'cuda = "12.4"\n');
  writeFileSync(join(folder, "torch/cuda.py"), CUDA);
  writeFileSync(join(folder, "sitecustomize.py"), "import sys\nsys.hidden_was_run = __file__\n");
  return folder;
}

const DEATH = `
import sys, torch
torch.__version__ = "2.9.0"
torch.cuda.start()
def forward():
    torch.cuda.observer(0, 2097152, 7, 8)
forward()
print(torch.cuda.recorded, getattr(sys, "hidden_was_run", None) is not None)
sys.stderr.write("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 MiB. GPU 0 has a total capacity of 8.00 GiB of which 1000 bytes is free. \\n")
sys.exit(1)
`;

test("what the observer saw and its snapshot become the report; the hidden sitecustomize runs", async (context) => {
  needs(context, "python3");
  const env = { PYTHONPATH: pythonFolder() };
  const result = await aprRun(["--pytorch"], ["python3", "-c", DEATH], { env });
  expect(result.stdout).toBe("[(('all',), {'stacks': 'python', 'max_entries': 100000})] True\n");
  const report = await expectSoundReport(result);
  expect(report).toMatchObject({
    ...{ peak_allocated_bytes: 3_000_000, peak_reserved_bytes: 4_194_304 },
    cause: { killer: "gpu", tool: "pytorch-cuda", requested_bytes: 2_097_152 },
  });
  expect(report.largest_alloc_stack.join("\n")).toMatch(/<module>[^]*forward/);
  expect(report.provenance["tensor_histogram"]?.source).toMatch(/snapshot oom-\d+-1/);
  expect(report.last_100_ops).toMatchObject([{ bytes: 1_048_000 }]);
});

test("a program without torch, and one whose torch has no CUDA, run as ever", async (context) => {
  needs(context, "python3");
  const PYTHONPATH = pythonFolder();
  const without = "import sys, json; print('torch' in sys.modules, sys.hidden_was_run is not None)";
  expect(
    await apr(["run", "--pytorch", "--", "python3", "-c", without], { env: { PYTHONPATH } }),
  ).toMatchObject({ code: 0, stdout: "False True\n", stderr: "" });
  writeFileSync(join(PYTHONPATH, "torch/version.py"), "cuda = None\n");
  const cpu = "import torch; print(torch.cuda._queue)";
  expect(await apr(["run", "--pytorch", "--", "python3", "-c", cpu], { env: { PYTHONPATH } })).toMatchObject({
    code: 0,
    stdout: "[]\n",
    stderr: "",
  });
});
