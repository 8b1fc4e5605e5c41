import { openStore } from "../../../src/store/store.ts";
import { nodeTransferWorld } from "../../../src/world/node/transfer-world.ts";
import { apiAt, startPush } from "./pushing.ts";

// A push in a process of its own, so that it can be killed: store, host, repository, size of a piece.

const [path = "", host = "", repository = "", pieceBytes = ""] = process.argv.slice(2);
const store = await openStore(nodeTransferWorld, path);
if (store === null) throw new Error(`no store at ${path}`);
const limits = { pieceBytes: Number(pieceBytes), monolithicBytes: 1024 };
const pushed = await startPush(store, apiAt(host, repository), "m:1", { limits }).result;
process.stdout.write(JSON.stringify(pushed));
process.exit(0);
