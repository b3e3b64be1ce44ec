/** `npm run bench:forward [-- --quick] [--seconds 60] [--sizes 10000,100000]`: prints Markdown. */
import { startPostgres } from '../../test/support/postgres-server.ts';
import { describeMachine } from '../machine.ts';
import { compare } from './compare.ts';
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

const idle = await measureIdle(servers, plan);
const comparisons = await compare(servers, plan);
const sizes = await measureSizes(servers, plan);
const ratios = [
  await measureHotOrganization(servers, plan),
  await measureHanging(servers, plan),
  await measureManyDestinations(servers, plan),
];
console.log(`${await describeMachine(postgres.url)}\n`);
console.log(render({ comparisons, idle, sizes, ratios }));
