export type Json = null | boolean | number | bigint | string | JsonNumber | readonly Json[] | { readonly [key: string]: Json };
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
