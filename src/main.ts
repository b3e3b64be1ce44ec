/** Entry point: `main.ts serve`. */
import { serve } from './cli/serve.ts';

const command = process.argv[2] ?? 'serve';
if (command === 'serve') await serve();
else {
  process.stderr.write(`Unknown command ${command}. Known: serve\n`);
  process.exitCode = 2;
}
