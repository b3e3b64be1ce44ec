/** A stretch of time cut into steps, as queries for figures name it. */
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { wholeNumber } from '../query.ts';
import { time } from './validation.ts';

/** A chart has no use for more points. */
const mostSteps = 1_500;
const minuteMs = 60 * 1_000;
const dayMs = 24 * 60 * 60 * 1_000;

export const stepsQuery = z.object({
  from: time.optional(),
  to: time.optional(),
  /** In seconds. */
  step: wholeNumber(7).pipe(z.number().min(60).multipleOf(60)).default(60),
});

/**
 * The last 24 hours, where nothing else is asked for. Figures are kept by the minute, so the range is of whole ones.
 * @throws AppError invalid_request where it has too many steps
 */
export function toRange(query: z.output<typeof stepsQuery>) {
  const to = new Date(Math.ceil((query.to ?? new Date()).getTime() / minuteMs) * minuteMs);
  const from = new Date(Math.floor((query.from?.getTime() ?? to.getTime() - dayMs) / minuteMs) * minuteMs);
  if ((to.getTime() - from.getTime()) / (query.step * 1_000) > mostSteps) throw tooMany();
  return { from, to, stepSeconds: query.step };
}

function tooMany(): AppError {
  const message = `A range of more than ${mostSteps} steps is too long`;
  return new AppError({ code: 'invalid_request', issues: [{ location: 'query', path: ['step'], message }] });
}
