/** A moment as seen from now, and kept so while the page stands. */
import { useSyncExternalStore } from 'react';
import { ago, time } from '../words.ts';

const stepMs = 1_000;

function everyStep(listener: () => void): () => void {
  const timer = setInterval(listener, stepMs);
  return () => clearInterval(timer);
}

/** `at`: as RFC 3339. It is drawn again only where its words change. */
export function Ago({ at }: { readonly at: string }) {
  const words = useSyncExternalStore(everyStep, () => ago(at));
  return (
    <time dateTime={at} title={time(at)}>
      {words}
    </time>
  );
}
