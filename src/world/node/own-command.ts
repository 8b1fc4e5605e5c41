/** How this very command is started again: Node, its flags, and the script. */
export const ownCommand = (): readonly [string, ...string[]] => [
  process.execPath,
  ...process.execArgv,
  process.argv[1] ?? "",
];
