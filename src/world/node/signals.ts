/** Calls `stop` once for the first SIGINT, SIGTERM or SIGHUP; gives back the function that takes the handlers away. */
export function onStopSignal(stop: (name: "SIGINT" | "SIGTERM" | "SIGHUP") => void): () => void {
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const handler = (name: NodeJS.Signals): void => stop(name as "SIGINT" | "SIGTERM" | "SIGHUP");
  for (const name of names) process.on(name, handler);
  return () => {
    for (const name of names) process.off(name, handler);
  };
}
