/** How long uploads, imports with their errors, and exports are kept after they have ended. Records stay. */
export class Retention {
  constructor(readonly keepMs: number) {}
}
