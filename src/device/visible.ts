// What CUDA_VISIBLE_DEVICES leaves. Source: CUDA Programming Guide, "CUDA Environment Variables"; that a repeated
// entry leaves nothing, and that `1gpu` reads as 1, is how PyTorch reads it too.

/** A device as the machine counts it, before the variable is applied. */
export interface Listed {
  readonly index: number;
  readonly uuid: string | null;
}

/** Longest list that is read. */
const MAX_ENTRIES = 256;

/**
 * The devices that programs see, in the variable's order. Unset (`undefined`) leaves all, empty leaves none; the list
 * ends at its first entry that names no device.
 */
export function visibleOf<D extends Listed>(devices: readonly D[], value: string | undefined): readonly D[] {
  if (value === undefined) return devices;
  const entries = value.split(",", MAX_ENTRIES).map((entry) => entry.trim());
  const prefix = ["GPU-", "MIG-"].find((each) => entries[0]?.startsWith(each));
  const seen: D[] = [];
  for (const entry of entries) {
    const device = prefix === undefined ? byIndex(devices, entry) : byUuid(devices, entry, prefix);
    if (device === undefined) break;
    if (seen.includes(device)) return [];
    seen.push(device);
  }
  return seen;
}

function byIndex<D extends Listed>(devices: readonly D[], entry: string): D | undefined {
  const digits = /^\+?(\d{1,9})/.exec(entry)?.[1];
  return digits === undefined ? undefined : devices.find(({ index }) => index === Number(digits));
}

/** The beginning of a UUID is enough where it names one device only. */
function byUuid<D extends Listed>(devices: readonly D[], entry: string, prefix: string): D | undefined {
  if (!entry.startsWith(prefix) || entry === prefix) return undefined;
  const found = devices.filter(({ uuid }) => uuid?.startsWith(entry) === true);
  return found.length === 1 ? found[0] : undefined;
}
