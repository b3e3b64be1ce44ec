/** Entry point: `main.ts <command>`; docs/cli.md lists the commands. */
import { run } from './cli/program.ts';

const exitCode = await run(process.argv.slice(2));
process.exitCode ??= exitCode;
