import { LOCAL, nameFrom, type Ref } from "../../store/ref.ts";
import { SHARD, WEIGHTS } from "./reference-hub.ts";

/** The name that a file or folder suggests; null for `.`, `..` and `/`, which have none of their own. */
export function pathTag(path: string): Ref | null {
  const last = path.replace(/\/+$/, "").split("/").at(-1) ?? "";
  if (last === "" || last === "." || last === "..") return null;
  const stem = SHARD.exec(last)?.[1] ?? last.replace(WEIGHTS, "");
  return { ...LOCAL, name: nameFrom(stem), tag: "latest" };
}
