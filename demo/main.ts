/** `npm run demo`: Jackfield, its destination and its sender on this machine, and every event counted. */
import { parseArgs } from 'node:util';
import { Api } from './api.ts';
import { type Jackfield, startJackfield } from './jackfield.ts';
import { pointClientAt } from './official-client.ts';
import { play } from './scenario.ts';
import { Screen } from './screen.ts';
import { Sink } from './sink.ts';

const exitCode = { off: 1, badUsage: 2, interrupted: 130 } as const;
const usage = 'Usage: npm run demo -- [--seconds 5..3600]   (15 seconds of traffic without it)\n';
const defaultSeconds = '15';

const seconds = readSeconds();
if (seconds === undefined) {
  process.stderr.write(usage);
  process.exitCode = exitCode.badUsage;
} else {
  process.exitCode = await run(seconds);
}

function readSeconds(): number | undefined {
  try {
    const { values } = parseArgs({ options: { seconds: { type: 'string', default: defaultSeconds } } });
    const value = /^\d{1,4}$/.test(values.seconds) ? Number(values.seconds) : 0;
    return value >= 5 && value <= 3_600 ? value : undefined;
  } catch {
    return undefined;
  }
}

async function run(trafficSeconds: number): Promise<number> {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());
  const { stdout } = process;
  // hasColors() knows NO_COLOR
  const screen = new Screen(stdout, stdout.isTTY && stdout.hasColors());
  let running: Jackfield | undefined;
  try {
    await using sink = new Sink();
    await sink.up();
    screen.say('Starting Jackfield with an empty embedded database …');
    await using jackfield = await startJackfield(sink.url);
    running = jackfield;
    pointClientAt(jackfield.url, jackfield.sendGridKey);
    const api = new Api(jackfield);
    const { signal } = interruption;
    const isRight = await play({ api, sink, screen, seconds: trafficSeconds, signal });
    return isRight ? 0 : exitCode.off;
  } catch (error) {
    screen.endProgress();
    if (interruption.signal.aborted) return exitCode.interrupted;
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\n${running?.log() ?? ''}`,
    );
    return exitCode.off;
  }
}
