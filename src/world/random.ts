/** Chance. The simulated world draws it from its seed. */
export interface Random {
  bytes(count: number): Uint8Array;
}
