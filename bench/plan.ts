/** How much is measured, and how much has to be there for it. */

export interface Plan {
  /** Every figure is the median of so many runs; one more before them only warms up. */
  readonly rounds: number;
  readonly secondsPerRun: number;
}

/** Twice the connections of the pool, so that no connection waits for a caller. */
export const callers = 32;
/** Jackfield's own default. */
export const poolSize = 16;
/** The most that an organization may have by default. */
export const integrationsPerTenant = 10;
export const idsPerBulkDelete = 10;

/** More than can be deleted in a second: a run that finds nothing left to delete ends early. */
export interface DeleteRates {
  readonly one: number;
  readonly ten: number;
  readonly floor: number;
}

export const totalRuns = ({ rounds }: Plan): number => rounds + 1;
