/** Short results of what was done, read out and shown for a while at the edge of the page. */
import { useSyncExternalStore } from 'react';
import { IconButton } from './button.tsx';
import { Notice, type Tone } from './notice.tsx';

interface Message {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
}

const shownMs = 8_000;
let messages: readonly Message[] = [];
let last = 0;
const listeners = new Set<() => void>();

export function say(text: string, tone: Tone = 'good'): void {
  const id = ++last;
  change([...messages, { id, tone, text }].slice(-3));
  // a failure stays until it was seen
  if (tone !== 'bad') setTimeout(() => change(messages.filter((each) => each.id !== id)), shownMs);
}

export function Messages() {
  const shown = useSyncExternalStore(subscribe, () => messages);
  return (
    <div
      role="log"
      aria-label="Messages"
      className="pointer-events-none fixed inset-x-3 bottom-3 z-60 grid justify-items-end gap-2 sm:start-auto sm:w-96"
    >
      {shown.map(({ id, tone, text }) => (
        <div key={id} className="rise pointer-events-auto w-full rounded-lg bg-surface shadow-lg">
          <Notice tone={tone}>
            <div className="flex items-start justify-between gap-2">
              <p className="min-w-0 wrap-anywhere">{text}</p>
              <div className="-my-2 -me-2">
                <IconButton
                  icon="close"
                  label="Dismiss"
                  onPress={() => change(messages.filter((each) => each.id !== id))}
                />
              </div>
            </div>
          </Notice>
        </div>
      ))}
    </div>
  );
}

function change(next: readonly Message[]): void {
  messages = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
