import { accessSync, constants } from "node:fs";

/** Whether this process may make names in a folder, or write to a file, as the kernel says. */
export function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
