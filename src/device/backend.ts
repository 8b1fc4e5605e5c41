/** A device of a backend that is not CUDA. */
export interface BackendDevice {
  readonly index: number;
  readonly name: string;
  readonly memoryBytes: number | null;
  /** Such as `gfx90a` or `Metal 3`. */
  readonly capability: string | null;
}

/** What one backend has, or why it has nothing. */
export type Backend = {
  readonly name: "cpu" | "rocm" | "metal";
  readonly devices: readonly BackendDevice[];
} & (
  | { readonly available: true; readonly reason: null }
  | { readonly available: false; readonly reason: { readonly code: string; readonly message: string } }
);

export function unavailable(
  name: Backend["name"],
  code: string,
  message: string,
  devices: readonly BackendDevice[] = [],
): Backend {
  return { name, available: false, devices, reason: { code, message } };
}
