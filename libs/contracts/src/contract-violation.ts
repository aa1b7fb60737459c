/** One thing wrong with a payload. `path` is relative to the payload: "file.mapping.symbol", "rows[3].price", "" for the whole. */
export interface ContractViolation {
  path: string;
  message: string;
}
