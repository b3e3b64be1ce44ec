/** PostgreSQL's error codes that mean something to the stores (appendix A of its manual). */
const serializationFailure = '40001';
const deadlockDetected = '40P01';

/** Whether the same transaction may succeed when simply run again. */
export function isTransient(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return code === serializationFailure || code === deadlockDetected;
}
