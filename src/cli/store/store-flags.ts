/** Flags that every command of the store has. */
export interface StoreFlags {
  readonly json: boolean;
  readonly store?: string;
}
