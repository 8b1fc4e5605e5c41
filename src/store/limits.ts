// Limits of what a store may hold, each with its reason.

/** A manifest of 10,000 layers is under 3 MiB; anything larger is no manifest. */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024;
/** Layers of one manifest: a model of 1,000 shards has about as many. */
export const MAX_LAYERS = 10_000;
/** Manifests in one list: one a platform. */
export const MAX_LIST_MANIFESTS = 100;
/** A model's config blob is a few hundred bytes. */
export const MAX_CONFIG_BYTES: number = 1024 * 1024;
/** Names in one folder of a store. */
export const MAX_FOLDER_ENTRIES = 1_000_000;
/** A lease names a model's blobs: 10,000 digests of 71 bytes. */
export const MAX_LEASE_BYTES: number = 2 * 1024 * 1024;
/** Files of a folder that is imported as one model. */
export const MAX_MODEL_FILES = 10_000;
/** SHA-256 runs at its full speed from 1 MiB on, and larger reads save system calls. */
export const COPY_BUFFER_BYTES: number = 4 * 1024 * 1024;
