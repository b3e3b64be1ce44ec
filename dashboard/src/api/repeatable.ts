/** For writes whose answer must not be lost: pressing the button again asks for the first answer. */
import { useRef } from 'react';
import { once } from './client.ts';

/** @returns the same idempotency key as long as `content` (the form in one text) is the same. */
export function useRepeatable(content: string): () => { 'Idempotency-Key': string } {
  const last = useRef<{ readonly content: string; readonly header: { 'Idempotency-Key': string } }>(
    undefined,
  );
  return () => {
    if (last.current?.content !== content) last.current = { content, header: once() };
    return last.current.header;
  };
}
