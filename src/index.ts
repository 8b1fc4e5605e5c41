export { AprError, type ErrorDetails, type ErrorKind, EXIT } from "./base/errors.ts";
export { type Int, readU64, U64_MAX } from "./base/ints.ts";
export {
  isJsonNumberValue,
  type Json,
  JsonNumber,
  type JsonObject,
  parseJson,
  stringifyJson,
} from "./base/json.ts";
export {
  AC_CHAOS_DISK_KEYWORDS,
  AC_CHAOS_OOM_KEYWORDS,
  AC_CHAOS_RSS_MULTIPLIER,
  AC_CHAOS_RSS_OVERHEAD_BYTES,
  AC_CHAOS_SIGINT_EXIT_CODE,
  AC_CHAOS_SIGINT_MAX_RESPONSE_MS,
  AC_CHAOS_SIGSEGV_EXIT_CODE,
} from "./contracts/chaos-limits.ts";
export type {
  BaselineReport,
  ChaosFaultId,
  ChaosReport,
  FaultReport,
} from "./contracts/chaos-report.ts";
export {
  type DiskExhaustionVerdict,
  type GracefulOomVerdict,
  type MemoryBudgetVerdict,
  type OverwriteProtectionVerdict,
  type SignalHandlingVerdict,
  verdictFromDiskExhaustion,
  verdictFromGracefulOom,
  verdictFromMemoryBudget,
  verdictFromOverwriteProtection,
  verdictFromSignalHandling,
} from "./contracts/chaos-verdicts.ts";
export {
  type CopyError,
  type CopyOp,
  type CopyPlan,
  dstBlobShasMatchSrc,
  type ManifestView,
  type PlanOutcome,
  planBlobOpCount,
  planCopy,
  planHasNoByteCopy,
  planManifestWriteCount,
} from "./contracts/copy-plan.ts";
export {
  SWEEP_CLASSES,
  type SweepClass,
  type SweepSeverity,
} from "./contracts/sweep-classes.ts";
export type {
  SweepCounts,
  SweepFinding,
  SweepFurther,
  SweepMember,
  SweepReport,
} from "./contracts/sweep-report.ts";
export { judgeContract, judgeDocument, judgeGate, overall } from "./contracts/judge.ts";
export { contractSchema, gateSchema } from "./contracts/json-schema.ts";
export {
  classifyOomBreadcrumb,
  classifyOomInvariants,
  classifyOomSchema,
  classifyOomSize,
  type OomBreadcrumbOutcome,
  type OomInvariantsOutcome,
  type OomReportKey,
  type OomSchemaOutcome,
  type OomSizeOutcome,
} from "./contracts/oom-outcomes.ts";
export {
  OOM_REPORT_MAX_OPS,
  OOM_REPORT_MAX_SIZE_BYTES,
  OOM_REPORT_REQUIRED_KEYS,
} from "./contracts/oom-report.ts";
export { contracts, findContract, findGate } from "./contracts/registry.ts";
export type {
  Contract,
  Evidence,
  Field,
  FieldKind,
  Fields,
  Gate,
  GateId,
  Judged,
  Judgement,
  Reason,
  Verdict,
  VerdictWord,
} from "./contracts/types.ts";
export {
  highSeverityViolations,
  runTransferOracle,
  type TransferSwitches,
} from "./contracts/transfer-oracle.ts";
export {
  CLEAN_TRANSFER_STATE,
  type TransferState,
  type TransferViolation,
  type TransferViolationType,
} from "./contracts/transfer-state.ts";
export {
  AC_GPUTRAIN_007_REQUIRED_VERSION_JSON_KEYS,
  type Gputrain007Verdict,
  type VersionJsonCudaFields,
  verdictFromVersionJsonFields,
  verdictFromVersionJsonKeys,
} from "./contracts/version.ts";
export type { Severity, Strength } from "./contracts/weights.ts";
export { EvidenceLedger, type EvidenceEntry, type EvidenceSummary } from "./evidence/evidence-ledger.ts";
export {
  clopperPearson,
  type Counts,
  type Interval,
  likelihoodRatio,
  type Ratio,
  silenceRatio,
} from "./evidence/intervals.ts";
export { evidenceLedger, type LedgerDocument, type LedgerInput } from "./evidence/ledger.ts";
export type { LedgerEntry } from "./evidence/ledger-entry.ts";
export {
  type MeasuredCheck,
  type MeasuredEntry,
  type MeasuredLedger,
  measuredLedger,
} from "./evidence/measured.ts";
export type { MeasuredTable } from "./evidence/measured-table.ts";
export { MEASURED_WEIGHTS } from "./evidence/measured-weights.ts";
export type { TraceEvent } from "./evidence/trace.ts";
export {
  type AtpOracleChecks,
  AtpOracleResult,
  AtpTransferOracle,
  type AtpTransferState,
} from "./oracles/atp-oracle.ts";
export { type JudgeOptions, judgeTransfer, type TransferJudgement } from "./oracles/judge.ts";
export { ViolationSeverity } from "./oracles/severity.ts";
export { readTrace, traceText } from "./oracles/trace-text.ts";
export { TransferOracle, TransferOracleResult } from "./oracles/transfer-oracle.ts";
export { type AtpCrashpack } from "./crashpack/pack.ts";
export { CrashpackBuilder } from "./crashpack/builder.ts";
export { CrashpackError } from "./crashpack/errors.ts";
export { ATP_CRASHPACK_SCHEMA_VERSION } from "./crashpack/types.ts";
export { TraceMinimizer, type TraceMinimizerConfig } from "./crashpack/minimize.ts";
export { ReplayCoordinator } from "./replay/coordinator.ts";
export { ReplayError } from "./replay/errors.ts";
export type { ReplayResult } from "./replay/types.ts";
export { AgentTaskProofBundleBuilder } from "./proof/builder.ts";
export type { CommandRun } from "./proof/task.ts";
export { AgentProofError, type AgentProofErrorCode } from "./proof/errors.ts";
export { proofTexts } from "./proof/texts.ts";
export {
  AGENT_PROOF_SCHEMA_VERSION,
  type AgentTaskProofBundle,
  type BlockerRecord,
  type ChangedFile,
  type CommandRecord,
  type CommitRecord,
  type FileReservationRecord,
  type OutputRecord,
  type RemoteExecutionRecord,
  type ReplayInstructions,
  type ReplaySafetyLevel,
  type ValidationFrontierRecord,
} from "./proof/types.ts";
export { nodeWorld } from "./world/node/world.ts";
export type { World } from "./world/world.ts";
