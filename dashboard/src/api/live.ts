/**
 * Keeps what is on the screen current: by the server's stream of changes, and by asking again, less and less often, while
 * there is none. The stream is read with fetch because an EventSource cannot send headers.
 */
import { useEffect, useSyncExternalStore } from 'react';
import { proof } from './client.ts';
import { UnreachableError } from './failure.ts';
import { queryClient, refresh, refreshAll } from './queries.ts';

export type LiveState = 'live' | 'polling' | 'offline';

const kindsOfEvent: Readonly<Record<string, readonly string[]>> = {
  integrations: ['integrations', 'delivery', 'audit'],
  delivery: ['delivery', 'integrations'],
  phone_numbers: ['phone_numbers', 'audit'],
  keys: ['keys', 'audit'],
  sources: ['sources', 'audit'],
};

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

let state: LiveState = 'live';
let isStreaming = false;
/** Ends a pause early. */
let goOn = () => {};
const listeners = new Set<() => void>();

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** Follows the changes of the organization as long as the component is there. */
export function useChanges(organizationId: string): void {
  useEffect(() => {
    const stop = new AbortController();
    void follow(stop.signal);
    return () => stop.abort(organizationId);
  }, [organizationId]);
}

async function follow(signal: AbortSignal): Promise<void> {
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    const outcome = await readStream(signal);
    if (signal.aborted) return;
    pauseMs = outcome === 'ended' ? firstPauseMs : Math.min(longestPauseMs, pauseMs * 2);
    if (outcome === 'unreachable') setState('offline');
    else if (state === 'live') setState('polling');
    await pause(pauseMs, signal);
    // whatever happened meanwhile was not announced; the stream does not wait until all of it is read
    if (!signal.aborted) void refreshAll();
  }
}

async function readStream(signal: AbortSignal): Promise<'ended' | 'refused' | 'unreachable'> {
  try {
    const headers = { accept: 'text/event-stream', ...proof() };
    const response = await fetch('/api/changes', { headers, signal });
    if (!response.ok || response.body === null) return 'refused';
    isStreaming = true;
    setState('live');
    let rest = '';
    for await (const chunk of readable(response.body.pipeThrough(new TextDecoderStream()))) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      const names = lines.flatMap((line) => (line.startsWith('event:') ? [line.slice(6).trim()] : []));
      const kinds = new Set(names.flatMap((name) => kindsOfEvent[name] ?? []));
      if (kinds.size > 0) void refresh(...kinds);
    }
    return 'ended';
  } catch {
    // the stream broke or never began: the loop above goes on by asking
    return isStreaming ? 'ended' : 'unreachable';
  } finally {
    isStreaming = false;
  }
}

async function* readable(stream: ReadableStream<string>): AsyncGenerator<string> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

// What the requests of the page meet is known before the stream is tried again.
queryClient.getQueryCache().subscribe((event) => {
  if (event.type !== 'updated') return;
  const { action } = event;
  if (action.type === 'failed' && action.error instanceof UnreachableError) setState('offline');
  if (action.type !== 'success' || state !== 'offline') return;
  setState(isStreaming ? 'live' : 'polling');
  goOn();
});

function setState(next: LiveState): void {
  if (state === next) return;
  state = next;
  for (const listener of listeners) listener();
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    goOn = resolve;
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
