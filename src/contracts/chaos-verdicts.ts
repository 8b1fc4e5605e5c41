import type { Int } from "../base/ints.ts";
import {
  diskExhaustionGate,
  gracefulOomGate,
  memoryBudgetGate,
  overwriteProtectionGate,
  signalHandlingGate,
} from "./chaos.ts";
import { type SeedVerdict, seedVerdict } from "./views.ts";

export type MemoryBudgetVerdict = SeedVerdict;
export type GracefulOomVerdict = SeedVerdict;
export type SignalHandlingVerdict = SeedVerdict;
export type OverwriteProtectionVerdict = SeedVerdict;
export type DiskExhaustionVerdict = SeedVerdict;

/** Gate `F-CHAOS-001`: both in bytes, exact up to 2^64-1. */
export function verdictFromMemoryBudget(peakRssBytes: Int, modelSizeBytes: Int): MemoryBudgetVerdict {
  return seedVerdict(memoryBudgetGate, { peak_rss_bytes: peakRssBytes, model_size_bytes: modelSizeBytes });
}

/** Gate `F-CHAOS-002`. */
export function verdictFromGracefulOom(exitCode: number, stderr: string): GracefulOomVerdict {
  return seedVerdict(gracefulOomGate, { exit_code: exitCode, stderr });
}

/** Gate `F-CHAOS-003`. */
export function verdictFromSignalHandling(
  exitCode: number,
  responseTimeMs: number,
  cacheCorrupt: boolean,
): SignalHandlingVerdict {
  return seedVerdict(signalHandlingGate, {
    exit_code: exitCode,
    response_time_ms: responseTimeMs,
    cache_corrupt: cacheCorrupt,
  });
}

/** Gate `F-CHAOS-004`. */
export function verdictFromOverwriteProtection(
  outputFileExisted: boolean,
  forceFlag: boolean,
  exitCode: number,
): OverwriteProtectionVerdict {
  return seedVerdict(overwriteProtectionGate, {
    output_file_existed: outputFileExisted,
    force_flag: forceFlag,
    exit_code: exitCode,
  });
}

/** Gate `F-CHAOS-005`. */
export function verdictFromDiskExhaustion(exitCode: number, stderr: string): DiskExhaustionVerdict {
  return seedVerdict(diskExhaustionGate, { exit_code: exitCode, stderr });
}
