const KIB = 1024;
const MIB = 1024 * KIB;

/** GGUF: the largest known headers have 20 MB. More than this would take seconds only to walk. */
export const MAX_GGUF_HEADER_BYTES = 512 * MIB;

/** GGUF: keys are "at most 2^16-1 bytes long" in the format. */
export const MAX_KEY_BYTES = 65_535;

/** GGUF: known models have fewer than a hundred. */
export const MAX_KEYS = 65_536;

/** GGUF: a tensor's name is "at most 64 bytes long" in the format. */
export const MAX_TENSOR_NAME_BYTES = 64;

/** GGUF: the dimensions that ggml has. */
export const MAX_GGUF_DIMENSIONS = 4;

/** GGUF: arrays in arrays. No known model has any. */
export const MAX_ARRAY_DEPTH = 4;

/** GGUF: arrays inside arrays that one header may have, so that walking them stays quick. */
export const MAX_INNER_ARRAYS = 1_048_576;

/** GGUF: a longer string is counted, not kept. The longest chat templates have 100 KB. */
export const MAX_TEXT_BYTES = MIB;

/** GGUF: all keys and values that are kept in memory, in bytes of the file. */
export const MAX_KEPT_BYTES = 16 * MIB;

/** GGUF: an array that was asked for is given whole up to this size, in bytes of the file. */
export const MAX_WANTED_BYTES = 64 * MIB;

/** GGUF: arrays of up to this many items are kept whole, such as one number a layer. */
export const MAX_WHOLE_ARRAY = 512;

/** GGUF: items kept of a longer array. */
export const FIRST_ITEMS = 8;

/**
 * Tensors of one model, in all its files; each costs about 400 bytes of memory. Models with one tensor for each part
 * of each expert have the most: 60 layers of 384 experts of 9 tensors are 207,360.
 */
export const MAX_TENSORS = 262_144;

/** safetensors: names of all tensors of a model in memory, in bytes: 64 for each of the most tensors. */
export const MAX_NAMES_BYTES = 16 * MIB;

/** safetensors: dimensions of all tensors of a model, but for those of equal shape: 1 for each of the most tensors. */
export const MAX_DIMENSIONS_KEPT = 4 * 65_536;

/** safetensors: an index of that many tensors, with room for spaces and long file names. */
export const MAX_INDEX_BYTES = 128 * MIB;

/** safetensors: the limit of the reference reader, in bytes. */
export const MAX_SAFETENSORS_HEADER_BYTES = 100_000_000;

/** safetensors: one member of the header, such as a note of a training tool, in bytes. */
export const MAX_MEMBER_BYTES = 16 * MIB;

/** safetensors: a longer value of `__metadata__` is not kept. */
export const MAX_METADATA_VALUE_BYTES = 64 * KIB;

/** safetensors: all of `__metadata__` that is kept, in characters. */
export const MAX_METADATA_KEPT = 4 * MIB;

/** safetensors: more dimensions than any tensor library has. */
export const MAX_RANK = 64;

/** safetensors: a tensor's name. The format has no limit; the longest known names have 200 characters. */
export const MAX_NAME_CHARACTERS = 65_535;

/** safetensors: fields of one tensor's entry. The format has three, and readers pass over others. */
export const MAX_FIELDS = 64;

/** safetensors: files of one model. The largest known ones have about 200. */
export const MAX_SHARDS = 4096;

/** Depth of JSON values that are passed over. */
export const MAX_SKIPPED_DEPTH = 64;

/** `config.json`: the largest known ones have 300 KB. */
export const MAX_CONFIG_BYTES = 4 * MIB;

/** Names in a model's folder. */
export const MAX_FOLDER_NAMES = 65_536;
