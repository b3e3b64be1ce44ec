/** What Jackfield keeps of a Segment connection (contract: sendgrid, sections 1 and 2). */
import { z } from 'zod';

export const destinationRegions = ['EU', 'US'] as const;
export type DestinationRegion = (typeof destinationRegions)[number];

/** Both bounds hold for "between 6 and 51" read exclusively and for "at least 7". In UTF-16 units. */
export const writeKeyLength = { least: 7, most: 50 } as const;

/** Segment takes no more in one request. */
export const mostBatchEvents = 2_500;

/** The form in the integration's settings column. */
export const segmentSettings = z.object({ destination_region: z.enum(destinationRegions) });

/** The form inside the sealed credentials. */
export const segmentCredentials = z.object({ write_key: z.string() });
