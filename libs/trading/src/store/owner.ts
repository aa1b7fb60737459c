/** Whose rows: every query of a tenant's data is bound to one. */
export interface Owner {
  tenantId: string;
  userId: string;
}

/** Half-open [since, until); an unset side is open. */
export interface TimeSpan {
  since?: Date | undefined;
  until?: Date | undefined;
}
