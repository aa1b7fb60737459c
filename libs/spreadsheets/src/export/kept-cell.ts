/** A cell of a failed row, as it is written again. */
export type KeptCell = null | string | number | boolean | { date: string };
