/** Days (per position) a user held a long, and how many of them closed well below its average cost. */
export interface HeldDays {
  all: number;
  belowCost: number;
}
