/** Distinct values of one label this process will export; a tenant beyond it is counted under `other`. */
export const DEFAULT_LABEL_LIMITS: Readonly<Record<string, number>> = { tenant: 200, kind: 200, queue: 100 };
const OTHER_LABELS_LIMIT = 50;

/** Keeps the number of series bounded: the first values of a label keep their name, later ones become `other`. */
export class CardinalityGuard {
  readonly #seen = new Map<string, Set<string>>();

  constructor(private readonly limits: Readonly<Record<string, number>> = DEFAULT_LABEL_LIMITS) {}

  value(label: string, value: string): string {
    let seen = this.#seen.get(label);
    if (seen === undefined) this.#seen.set(label, (seen = new Set()));
    if (seen.has(value)) return value;
    if (seen.size >= (this.limits[label] ?? OTHER_LABELS_LIMIT)) return 'other';
    seen.add(value);
    return value;
  }
}
