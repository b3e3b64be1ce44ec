/** PostgreSQL's error codes that mean something to the stores (appendix A of its manual). */
const serializationFailure = '40001';
const deadlockDetected = '40P01';
const lockNotAvailable = '55P03';
/** A reference to a row that goes: PostgreSQL 18 gives `on delete restrict` a code of its own. */
const referenceViolations: ReadonlySet<unknown> = new Set(['23503', '23001']);

/**
 * Whether the same transaction may succeed when simply run again. A foreign key that refused is among them: the rows
 * it spoke of were committed after the transaction had looked, so that it will now see them and say so.
 */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  return code === serializationFailure || code === deadlockDetected || referenceViolations.has(code);
}

/** Whether it is the end of a wait for a lock that somebody else kept. */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === lockNotAvailable;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined;
}
