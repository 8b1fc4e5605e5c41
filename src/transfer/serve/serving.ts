import type { Store } from "../../store/store.ts";
import type { TransferWorld } from "../world.ts";
import type { Hold } from "./hold.ts";
import type { Names } from "./names.ts";
import type { ServeConfig } from "./options.ts";
import type { Parts } from "./parts.ts";
import type { Sending } from "./sending.ts";
import type { TagIndex } from "./tag-index.ts";
import type { Uploads } from "./uploads.ts";

/** What the answers of one server share. */
export interface Serving {
  readonly world: TransferWorld;
  readonly store: Store;
  readonly config: ServeConfig;
  readonly names: Names;
  readonly tags: TagIndex;
  readonly parts: Parts;
  readonly sending: Sending;
  /** Pushed blobs that no manifest names yet. */
  readonly hold: Hold;
  readonly uploads: Uploads;
}
