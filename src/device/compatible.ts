/**
 * Whether a driver can run a build. A build runs on drivers of its own major version of CUDA and of later ones; null
 * where one of the two is not known. Source: CUDA Compatibility guide, minor version and backward compatibility.
 */
export function canRun(driverCuda: string | null, builtFor: string | null): boolean | null {
  const driver = majorOf(driverCuda);
  const build = majorOf(builtFor);
  return driver === null || build === null ? null : driver >= build;
}

function majorOf(version: string | null): number | null {
  const digits = /^(\d{1,3})(?:\.|$)/.exec(version ?? "")?.[1];
  return digits === undefined ? null : Number(digits);
}
