import type { Inode } from "./inode.ts";

/** A change of names: all of it is kept at a crash, or nothing. */
export interface NameChange {
  readonly changes: readonly {
    readonly folder: Inode;
    readonly name: string;
    readonly inode: Inode | null;
  }[];
  /** Whose sync puts it on the medium. */
  readonly folder: Inode;
}

/** Now it is on the medium. */
export function settle({ changes }: NameChange): void {
  for (const { folder, name, inode } of changes) {
    if (inode === null) folder.safeNames.delete(name);
    else folder.safeNames.set(name, inode);
  }
}

/** True when both change the same name. */
export function shareName(one: NameChange, other: NameChange): boolean {
  return one.changes.some(({ folder, name }) =>
    other.changes.some((each) => each.folder === folder && each.name === name),
  );
}

/** Every name below a folder; what has two is told twice. */
export function eachName(folder: Inode, use: (inode: Inode) => void): void {
  for (const inode of folder.names.values()) {
    use(inode);
    if (inode.kind === "folder") eachName(inode, use);
  }
}

/** Each once, also what has several names. */
export function eachInode(root: Inode, use: (inode: Inode) => void): void {
  const seen = new Set<Inode>([root]);
  eachName(root, (inode) => seen.add(inode));
  for (const inode of seen) use(inode);
}
