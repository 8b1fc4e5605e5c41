// What the viewer draws. Each picture has a sentence that says the same, for whoever does not see it, and most have a
// table. Columns of many numbers are kept as typed arrays and packed by pack-columns.ts.

interface Drawn {
  readonly title: string;
  /** What it shows, in words: the text alternative. */
  readonly summary: string;
}

/** One event or span on a lane. Times are in nanoseconds from the beginning. */
export interface LanesPicture extends Drawn {
  readonly kind: "lanes";
  readonly lanes: readonly string[];
  readonly kinds: readonly string[];
  /** Sorted by time. All columns have the same length. */
  readonly timeNs: Float64Array;
  readonly durationNs: Float64Array;
  readonly lane: Uint32Array;
  readonly eventKind: Uint16Array;
  /** Which texts: an index into `texts`, 0 for none. */
  readonly text: Uint32Array;
  readonly texts: readonly string[];
  /** Moments to mark, such as a violation's. */
  readonly marks: readonly { readonly timeNs: number; readonly label: string }[];
}

/** Values over time, as lines or stacked areas. */
export interface SeriesPicture extends Drawn {
  readonly kind: "series";
  readonly unit: "bytes" | "count";
  /** Milliseconds from the beginning, sorted. */
  readonly timeMs: Float64Array;
  readonly series: readonly { readonly name: string; readonly values: Float64Array }[];
  readonly stacked: boolean;
  /** Level lines, such as a limit. */
  readonly levels: readonly { readonly value: number; readonly label: string }[];
  readonly marks: readonly { readonly timeMs: number; readonly label: string }[];
}

export interface BarsPicture extends Drawn {
  readonly kind: "bars";
  readonly unit: "bytes" | "count" | "log10";
  readonly bars: readonly {
    readonly label: string;
    readonly value: number;
    readonly low?: number;
    readonly high?: number;
  }[];
}

/** A tree of sizes: a flame graph of stacks, or a treemap of files. */
export interface TreePicture extends Drawn {
  readonly kind: "flame" | "treemap";
  readonly unit: "bytes" | "count";
  readonly root: TreeNode;
}

export interface TreeNode {
  readonly name: string;
  /** Its own and its children's together. */
  readonly value: number;
  readonly children: readonly TreeNode[];
  /** Shown when it is pointed at. */
  readonly note?: string;
}

/** Cells coloured by a category: chunks of a model, faults against states. */
export interface GridPicture extends Drawn {
  readonly kind: "grid";
  readonly categories: readonly string[];
  /** What each category is worth, where it is a verdict; else each has a colour of its own. */
  readonly tones?: readonly GridTone[];
  /**
   * Rows of cells; each cell is an index into `categories`, or -1 for none. `leads` says where each cell leads: an
   * index into `anchors`, or -1.
   */
  readonly rows: readonly {
    readonly label: string;
    readonly cells: Int16Array;
    readonly leads?: Int16Array;
  }[];
  readonly columns: readonly string[];
  /** Details of the page. */
  readonly anchors?: readonly string[];
}

export type GridTone = "pass" | "fail" | "inconclusive" | "muted" | "line";

export type Picture = LanesPicture | SeriesPicture | BarsPicture | TreePicture | GridPicture;

/**
 * A typed array as JSON can carry it: little endian, in base64. `d16` and `d32` are whole numbers that never fall, as
 * steps from `first`. `f32` stands for a long column whose values need more than 32 bits: seven digits of each remain,
 * more than any screen can show.
 */
export interface PackedColumn {
  readonly column: "f64" | "f32" | "u32" | "u16" | "i16" | "d16" | "d32";
  readonly base64: string;
  readonly first?: number;
}
