/** The twelve kinds of email event, each to be forwarded or not. */
import type { EmailEvent } from '../api/client.ts';
import { allEvents, eventWords } from '../words.ts';
import { Button } from './button.tsx';
import { Switch } from './field.tsx';

interface EventSwitchesProps {
  readonly value: readonly EmailEvent[];
  readonly onChange: (events: readonly EmailEvent[]) => void;
  readonly isDisabled?: boolean;
}

export function EventSwitches({ value, onChange, isDisabled = false }: EventSwitchesProps) {
  return (
    <fieldset className="grid gap-3">
      <legend className="flex w-full flex-wrap items-center justify-between gap-2 font-medium">
        Events to forward
        <span className="text-sm font-normal text-muted">
          {value.length} of {allEvents.length}
        </span>
      </legend>
      <div className="flex gap-2">
        <Button isDisabled={isDisabled} onPress={() => onChange(allEvents)}>
          All
        </Button>
        <Button isDisabled={isDisabled} onPress={() => onChange([])}>
          None
        </Button>
      </div>
      <div className="grid gap-x-6 gap-y-3 sm:grid-cols-2">
        {allEvents.map((event) => (
          <Switch
            key={event}
            isDisabled={isDisabled}
            isSelected={value.includes(event)}
            onChange={(isOn) => onChange(isOn ? [...value, event] : value.filter((each) => each !== event))}
          >
            <span className="block leading-tight">{eventWords[event].title}</span>
            <span className="block text-sm text-muted">{eventWords[event].about}</span>
          </Switch>
        ))}
      </div>
    </fieldset>
  );
}
