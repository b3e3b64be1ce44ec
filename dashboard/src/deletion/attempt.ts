/** One delete that was sent, and that can be sent again: under the same key it is carried out once, however often. */
import { answered, api, once, type Schemas } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { bodyOf, type Doomed } from './rehearsal.ts';

export interface Deletion {
  readonly ids: readonly string[];
  readonly doomed: readonly Doomed[];
  readonly replaceWith: string | undefined;
}

export interface Done extends Deletion {
  readonly answer: Schemas['DeletedIntegrations'];
}

export interface Attempt {
  readonly deletion: Deletion;
  readonly header: ReturnType<typeof once>;
}

export const attemptOf = (deletion: Deletion): Attempt => ({ deletion, header: once() });

export async function carryOut({ deletion, header }: Attempt): Promise<Done> {
  const body = bodyOf(deletion.ids, deletion.replaceWith, false);
  const answer = await answered(api.POST('/api/integrations/bulk-delete', { params: { header }, body }));
  return { ...deletion, answer };
}

/** Whether the server has said that it was not carried out; without an answer nobody knows. */
export const wasRefused = (error: unknown): boolean => error instanceof ApiError && error.status < 500;
