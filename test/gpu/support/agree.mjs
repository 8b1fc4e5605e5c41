// apr's report against nvidia-smi and torch.
import { apr, check, note, notRun, python, PYTHON, run, smi } from "./machine.mjs";

const TORCH = `
import json, torch
devices = []
for index in range(torch.cuda.device_count()):
    p = torch.cuda.get_device_properties(index)
    devices.append({"name": p.name, "memory": p.total_memory, "capability": f"{p.major}.{p.minor}", "uuid": str(getattr(p, "uuid", ""))})
print(json.dumps({"version": torch.__version__, "cuda": torch.version.cuda, "available": torch.cuda.is_available(), "devices": devices}))
`;

/** Compares the version report with nvidia-smi; gives back apr's devices. */
export function againstSmi() {
  const first = apr(["--version", "--json"], { APR_PROBE_TIMEOUT: "" });
  note(
    `first report, default time limit: ${first.tookMs} ms, reason ${JSON.stringify(first.json?.cuda?.reason)}`,
  );
  const warm = apr(["--version", "--json"], { APR_PROBE_TIMEOUT: "" });
  check("the report comes within 2 s, with the default time limit", warm.tookMs < 2000, `${warm.tookMs} ms`);
  const { json: report, status } = apr(["--version", "--json"]);
  check(
    "apr --version --json: exit 0, a runtime",
    status === 0 && report?.cuda_runtime_available === true,
    JSON.stringify(report?.cuda),
  );
  const devices = report?.devices ?? [];
  note(`visible: ${JSON.stringify(report?.visible_devices)}`);
  const listed = smi("index,uuid,memory.total,driver_version,compute_cap,name");
  if (listed === null) notRun("agreement with nvidia-smi", "nvidia-smi does not answer");
  else {
    check(
      "as many devices as nvidia-smi lists",
      devices.length === listed.length,
      `${devices.length} and ${listed.length}`,
    );
    for (const [index, [, uuid, mib, driver, capability, name]] of listed.entries()) {
      const device = devices[index] ?? {};
      check(`device ${index}: name`, device.name === name, `${device.name} and ${name}`);
      check(`device ${index}: uuid`, device.uuid === uuid, `${device.uuid} and ${uuid}`);
      check(`device ${index}: driver`, device.driver === driver, `${device.driver} and ${driver}`);
      check(
        `device ${index}: capability`,
        device.compute_capability === capability,
        `${device.compute_capability} and ${capability}`,
      );
      const share = device.memory_bytes / (Number(mib) * 2 ** 20);
      check(
        `device ${index}: memory within 3 %`,
        share > 0.97 && share <= 1.001,
        `${device.memory_bytes} of ${mib} MiB`,
      );
    }
    const header = /CUDA Version: ([\d.]+)/.exec(run("nvidia-smi", []).stdout ?? "")?.[1];
    if (header === undefined) notRun("the driver's CUDA version", "nvidia-smi's header does not say it");
    else
      check(
        "the driver's CUDA version",
        report?.cuda?.driver_cuda === header,
        `${report?.cuda?.driver_cuda} and ${header}`,
      );
  }

  return { devices, listed };
}

/** Compares apr's devices with torch's; false where there is no torch. */
export function againstTorch(devices) {
  const torch = python(TORCH);
  if (torch === null) notRun("agreement with torch", `${PYTHON} has no torch`);
  else {
    note(`torch ${torch.version}, built for CUDA ${torch.cuda}`);
    check("torch sees as many devices", torch.devices.length === devices.length, `${torch.devices.length}`);
    for (const [index, theirs] of torch.devices.entries()) {
      const ours = devices[index] ?? {};
      const same = ours.name === theirs.name && ours.compute_capability === theirs.capability;
      check(`torch's device ${index}: name and capability`, same, JSON.stringify(theirs));
      // torch counts what a context may use; some drivers keep a part back.
      const share = theirs.memory / ours.memory_bytes;
      check(
        `torch's device ${index}: memory within 1 %`,
        share > 0.99 && share < 1.01,
        `${theirs.memory} and ${ours.memory_bytes}`,
      );
      if (theirs.uuid !== "")
        check(`torch's device ${index}: uuid`, ours.uuid?.endsWith(theirs.uuid), theirs.uuid);
    }
    const engine = apr(["devices", "--engine", PYTHON, "--json"]);
    const names = torch.devices.map(({ name }, index) => `${index}:${name}`);
    check(
      "devices --engine python: passes, with torch's devices",
      engine.status === 0 && JSON.stringify(engine.json?.visible_devices) === JSON.stringify(names),
      JSON.stringify(engine.json),
    );
    check("devices --engine python: built for torch's CUDA", engine.json?.built_for === torch.cuda);
    const hidden = apr(["devices", "--engine", PYTHON], { CUDA_VISIBLE_DEVICES: "" });
    check(
      "the same with every GPU hidden: a stale build, exit 5",
      hidden.status === 5 && hidden.stdout.includes("STALE BUILD"),
      `exit ${hidden.status}`,
    );
    const configured = apr(["--version", "--json"], { APR_ENGINES: PYTHON });
    const looked = configured.json?.engines?.at(-1);
    if (looked?.cuda === null) notRun("torch seen without running Python", looked.evidence);
    else
      check(
        "torch seen without running Python",
        configured.json?.cuda_feature === true && looked?.built_for === torch.cuda,
        JSON.stringify(looked),
      );
  }

  return torch !== null;
}
