/** `npm run bench:forward [-- --quick] [--seconds 60] [--sizes 10000,100000] [--parts idle,batches]`: prints Markdown. */
import { startPostgres } from '../../test/support/postgres-server.ts';
import { describeMachine } from '../machine.ts';
import { compareBatches, compareSingles } from './compare.ts';
import {
  measureHanging,
  measureHotOrganization,
  measureIdle,
  measureManyDestinations,
  measureSizes,
} from './loads.ts';
import { readPlan } from './plan.ts';
import { startRedis } from './redis.ts';
import { render } from './report.ts';
import { openBench } from './side.ts';

const plan = readPlan();
await using postgres = await startPostgres({ durable: true });
await using redis = await startRedis();
await using bench = await openBench();
const servers = { bench, postgres, redis };

const has = (part: (typeof plan.parts)[number]) => plan.parts.includes(part);
const idle = has('idle') ? await measureIdle(servers, plan) : undefined;
const comparisons = [
  ...(has('batches') ? await compareBatches(servers, plan) : []),
  ...(has('singles') ? await compareSingles(servers, plan) : []),
];
const sizes = has('sizes') ? await measureSizes(servers, plan) : [];
const ratios = has('ratios')
  ? [
      await measureHotOrganization(servers, plan),
      await measureHanging(servers, plan),
      await measureManyDestinations(servers, plan),
    ]
  : [];
console.log(`${await describeMachine(postgres.url)}\n`);
console.log(render({ comparisons, idle, sizes, ratios }));
