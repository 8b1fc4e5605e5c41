import { readdirSync, readlinkSync } from "node:fs";

/** The first process-id namespace of every Linux system has this number. Source: Linux proc_ns.h, PROC_PID_INIT_INO. */
const FIRST_SPACE = "pid:[4026531836]";

/** Open files of one process that are looked at. */
const MAX_DESCRIPTORS = 65_536;

/** True where this process counts processes as the kernel's drivers do: outside of every container. */
export function inFirstProcessSpace(): boolean {
  try {
    return readlinkSync("/proc/self/ns/pid") === FIRST_SPACE;
  } catch {
    return false;
  }
}

/** True when a process has an NVIDIA GPU open; false also where it may not be looked at. */
export function hasGpuOpen(pid: number): boolean {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return false;
  }
  return names.slice(0, MAX_DESCRIPTORS).some((name) => {
    try {
      return /^\/dev\/(?:nvidia(?:\d+|-uvm)|dxg)$/.test(readlinkSync(`/proc/${pid}/fd/${name}`));
    } catch {
      return false;
    }
  });
}
