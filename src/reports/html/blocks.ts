import type { VerdictWord } from "../../contracts/types.ts";
import type { Picture } from "./pictures.ts";

/** What a page is made of. All text is untrusted and shown as text. */
export type Block =
  | { readonly kind: "text"; readonly text: string }
  /** Names and values, one pair a line. */
  | { readonly kind: "facts"; readonly rows: readonly (readonly [string, Cell])[] }
  | {
      readonly kind: "table";
      readonly caption: string;
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly Cell[])[];
    }
  /** Opens and closes. */
  | {
      readonly kind: "details";
      readonly summary: Cell;
      readonly open?: boolean;
      /** A name that a picture may lead to: letters, digits and hyphens. */
      readonly anchor?: string;
      readonly blocks: readonly Block[];
    }
  /** Several lines as they are, with a button that copies them. */
  | { readonly kind: "code"; readonly label: string; readonly text: string }
  | { readonly kind: "section"; readonly title: string; readonly blocks: readonly Block[] }
  | { readonly kind: "picture"; readonly picture: Picture };

export interface Column {
  readonly title: string;
  /** Numbers stand on the right. */
  readonly numeric?: boolean;
}

export type Cell = string | { readonly text: string; readonly verdict: VerdictWord };

/** One page, before it is HTML. */
export interface Page {
  /** A few words: what kind of evidence, and of what. */
  readonly title: string;
  /** The finding, first and in plain words. */
  readonly finding: string;
  readonly verdict: VerdictWord;
  readonly blocks: readonly Block[];
}

/** A table may hold this many rows; what is beyond is counted in words, never hidden. */
export const MAX_TABLE_ROWS = 2000;
/** One text of the page: a 10 MB string of some report must not be laid out by a browser. */
export const MAX_TEXT_CHARS = 100_000;
