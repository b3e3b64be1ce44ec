/** Segment: takes email events. It says 200 to any write key, so there is nothing to verify with. */
import { z } from 'zod';
import { destinationRegions, writeKeyLength } from '../../core/segment.ts';
import { storableText } from '../../core/text.ts';
import { type Provider, secret } from '../provider.ts';

export const segment: Provider = {
  name: 'segment',
  title: 'Segment',
  category: 'customer_data',
  credentials: z.object({
    provider: z.literal('segment'),
    write_key: storableText(writeKeyLength.least, writeKeyLength.most).meta(secret('Write key')),
    destination_region: z.enum(destinationRegions).meta({ title: 'Region of the workspace' }),
  }),
  settings: ['destination_region'],
  referredToBy: [],
  takesEmailEvents: true,
  verify: undefined,
};
