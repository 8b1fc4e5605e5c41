// Checks apr's view of a real GPU against nvidia-smi, the driver through Python's ctypes, and torch.
// Needs a machine with an NVIDIA GPU, python3 (with torch for some checks), Node 20, the built dist/ and
// node_modules/koffi: `node test/gpu/devices.mjs`. Prints PASS, FAIL or NOT RUN lines; exits 1 when anything failed.
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { againstSmi, againstTorch } from "./support/agree.mjs";
import { apr, check, DIST, failed, folder, note, python, run } from "./support/machine.mjs";
import { residency } from "./support/residency.mjs";

// The driver, asked without apr and without torch.
const COUNT = `
import ctypes, json
cuda = ctypes.CDLL("libcuda.so.1")
count = ctypes.c_int(0)
code = cuda.cuInit(0)
if code == 0: code = cuda.cuDeviceGetCount(ctypes.byref(count))
print(json.dumps({"code": code, "count": count.value}))
`;

note(`node ${process.version}, process space ${run("readlink", ["/proc/self/ns/pid"]).stdout.trim()}`);
const { devices, listed } = againstSmi();
const hasTorch = againstTorch(devices);

// CUDA_VISIBLE_DEVICES: apr, the driver itself, and apr's own reading of the variable over nvidia-smi's list.
const copy = join(folder, "copy", "dist");
cpSync(DIST, copy, { recursive: true });
const uuid = devices[0]?.uuid ?? "GPU-none";
const VARIANTS = [
  "",
  "0",
  "-1",
  "99",
  "0,99",
  "99,0",
  "0,0",
  "0,-1",
  " 0 ",
  "NoDevFiles",
  uuid,
  uuid.slice(0, 12),
  "GPU-ffffffff",
  `${uuid},${uuid}`,
  `${uuid},GPU-ffffffff`,
];
for (const value of VARIANTS) {
  const more = { CUDA_VISIBLE_DEVICES: value };
  const driver = python(COUNT, more);
  const ours = apr(["--version", "--json"], more).json;
  const count = ours?.visible_devices?.length;
  check(
    `CUDA_VISIBLE_DEVICES=${JSON.stringify(value)}: as the driver`,
    count === driver?.count,
    `${count}, driver ${JSON.stringify(driver)}, ${ours?.cuda?.reason?.code ?? "ok"}`,
  );
  if (listed === null) continue;
  const copied = apr(["--version", "--json"], more, join(copy, "apr.cjs")).json;
  const read = copied?.visible_devices?.length;
  const source = copied?.cuda?.source;
  check(
    `CUDA_VISIBLE_DEVICES=${JSON.stringify(value)}: read over nvidia-smi's list`,
    read === driver?.count,
    `${read} from ${source}, ${copied?.cuda?.reason?.message ?? "ok"}`,
  );
}

// Device words and the doctor.
const word = apr(["devices", "--device", "cuda:0", "--json"]);
check(
  "--device cuda:0 is there",
  word.status === 0 && word.json?.device?.used === "cuda:0",
  `exit ${word.status}`,
);
const far = apr(["devices", "--device", "cuda:15"], { APR_PROBE_TIMEOUT: "" });
check(
  "--device cuda:15 is not: exit 14 within 2 s",
  far.status === 14 && far.tookMs < 2000,
  `exit ${far.status}, ${far.tookMs} ms`,
);
check("--device cuda:16 is no word: exit 2", apr(["devices", "--device", "cuda:16"]).status === 2);
const auto = apr(["devices", "--device", "auto"], { CUDA_VISIBLE_DEVICES: "" });
check(
  "--device auto with every GPU hidden: the CPU, one warning",
  auto.status === 0 && auto.stderr.includes('"reason":"hidden"'),
  auto.stderr.trim(),
);
const doctor = apr(["doctor", "--for", "gpu"]);
check("doctor --for gpu: ready", doctor.status === 0, `exit ${doctor.status}`);
for (const line of doctor.stdout.split("\n")) note(line);

await residency(hasTorch);
rmSync(folder, { recursive: true, force: true });
note(failed() === 0 ? "all passed" : `${failed()} failed`);
process.exitCode = failed() === 0 ? 0 : 1;
