/** One CUDA device that programs can see, under the index that they see it by. */
export interface CudaDevice {
  readonly index: number;
  /** As the driver says it, with U+FFFD for what is not UTF-8. Untrusted: it may hold quotes and line ends. */
  readonly name: string;
  /** `GPU-…` or `MIG-…`; null where the driver does not tell. */
  readonly uuid: string | null;
  readonly memoryBytes: number | null;
  /** Such as `9.0`. */
  readonly computeCapability: string | null;
}

/** Why CUDA cannot be used. */
export type CudaFailure =
  /** This system has no CUDA at all. */
  | "unsupported-system"
  | "no-library"
  /** apr's bridge to native libraries is missing. */
  | "no-bridge"
  | "cannot-load"
  | "init-failed"
  | "no-device"
  /** CUDA_VISIBLE_DEVICES hides every device. */
  | "hidden"
  | "timeout"
  /** The probe was ended by a signal: the driver broke it. */
  | "crashed"
  /** What came back is no answer. */
  | "garbled"
  | "bad-fixture";

/** Who was asked. */
export type CudaSource = "driver" | "nvidia-smi" | "fixture";

/** A driver that answered, with at least one device. */
export interface CudaAnswer {
  readonly kind: "answered";
  readonly source: CudaSource;
  /** The driver's own version, such as `550.54.15`. */
  readonly driver: string | null;
  /** The newest CUDA version that the driver can run, such as `12.4`. */
  readonly driverCuda: string | null;
  /** At most `MAX_DEVICES_READ`. */
  readonly devices: readonly CudaDevice[];
  /** A build's CUDA that the fixture claims; null everywhere else. */
  readonly feature: boolean | null;
}

export interface CudaAbsent {
  readonly kind: "absent";
  readonly source: CudaSource;
  readonly code: CudaFailure;
  /** One sentence for a person. */
  readonly message: string;
  readonly driver: string | null;
  readonly feature: boolean | null;
}

export type CudaFound = CudaAnswer | CudaAbsent;

/** More than any machine has; a count beyond it is not believed. */
export const MAX_DEVICES_READ = 64;
