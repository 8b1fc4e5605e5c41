import type { Disk } from "./disk.ts";
import type { Inode } from "./inode.ts";
import type { Seat } from "./machine.ts";

/** What calls of files share. Each parks, and is done in one step. */
export class FileCalls {
  protected readonly seat: Seat;
  protected readonly disk: Disk;

  constructor(seat: Seat) {
    this.seat = seat;
    this.disk = seat.machine.disk;
  }

  /** Null also below something that is no folder. */
  protected look(path: string): Inode | null {
    try {
      return this.disk.find(path);
    } catch {
      return null;
    }
  }

  protected does<T>(name: string, costUs: number, work: () => T): Promise<T> {
    const { machine, process } = this.seat;
    return machine.scheduler.park(process, name, costUs, work);
  }
}
