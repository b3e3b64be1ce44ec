/** The command line: commands by name, their options read, and every way of ending turned into an exit code. */
import { writeSync } from 'node:fs';
import { CommanderError, Command as Program } from 'commander';
import { ZodError } from 'zod';
import packageFile from '../../package.json' with { type: 'json' };
import { readEnvironment } from '../config/env.ts';
import type { Command } from './command.ts';
import { commands, groups } from './commands.ts';
import { candidates } from './complete.ts';
import { connect, connectionOptions } from './connection.ts';
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts';
import { Terminal } from './terminal.ts';
import { harmless, toJson } from './text.ts';

/** Every command with its words, for running, help, completion and documentation. */
export function createProgram(json = false): Program {
  const program = new Program('jackfield')
    // programs are told by report(), in their form
    .configureOutput(json ? { writeErr: () => undefined } : {})
    .description('Runs Jackfield, and works with a running one.')
    .version(packageFile.version)
    .exitOverride()
    .showHelpAfterError('(--help says what there is; an argument that begins with a dash goes after --)')
    .configureHelp({ showGlobalOptions: false });
  for (const each of commands) addCommand(program, each);
  // asked by the completion scripts
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action((words: readonly string[]) => {
      process.stdout.write(
        candidates(program, words)
          .map((each) => `${each}\n`)
          .join(''),
      );
    });
  return program;
}

/** @returns the exit code. Of `serve` it is that of a start that went well; the server goes on. */
export async function run(words: readonly string[]): Promise<ExitCode> {
  // the reader has had enough: `jackfield … | head`
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endOnBrokenOutput);
  const isJson = words.includes('--json');
  try {
    await createProgram(isJson).parseAsync(words, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    return report(error, isJson);
  }
}

function addCommand(program: Program, each: Command): void {
  const name = each.path.at(-1) ?? '';
  let parent = program;
  for (const group of each.path.slice(0, -1)) {
    parent =
      parent.commands.find((known) => known.name() === group) ??
      parent.command(group).description(groups[group] ?? '');
  }
  const made = parent.command(name).summary(each.summary);
  made.description(each.details === undefined ? `${each.summary}.` : `${each.summary}.\n\n${each.details}`);
  for (const [syntax, description] of each.arguments) made.argument(syntax, description);
  const json: Command['options'] = each.json ? [['--json', 'the result as JSON']] : [];
  for (const [flags, description] of [...each.options, ...connectionOptions[each.speaksTo], ...json]) {
    made.option(flags, description);
  }
  refuseContradictions(made);
  made.action(async () => await act(each, made));
}

/** Of `--inbound --no-inbound` the last one would win, and nobody would be told. */
function refuseContradictions(made: Program): void {
  const said = new Map<string, string>();
  for (const option of made.options) {
    const meant = option.attributeName();
    made.on(`option:${option.name()}`, () => {
      const before = said.get(meant) ?? option.name();
      if (before !== option.name()) made.error(`error: give --${before} or --${option.name()}, not both`);
      said.set(meant, option.name());
    });
  }
}

async function act(each: Command, made: Program): Promise<void> {
  const names = made.registeredArguments.map((argument) => argument.name().replace(/-(\w)/g, camel));
  const given = Object.fromEntries(names.map((name, index) => [name, made.processedArgs[index]]));
  const input = { ...given, ...made.opts() };
  const terminal = new Terminal(made.opts()['json'] === true);
  const environment = readEnvironment();
  const interruption = new AbortController();
  const { signal } = interruption;
  const interrupt = () => {
    // whoever asks twice means now
    if (signal.aborted) process.exit(exitCodes.interrupted);
    interruption.abort(new CommandError(exitCodes.interrupted, 'Interrupted.'));
  };
  // the server has its own way of stopping
  if (made.name() !== 'serve') for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, interrupt);
  const context = {
    terminal,
    environment,
    signal,
    connect: async () => await connect({ speaksTo: each.speaksTo, input, environment, terminal, signal }),
  };
  try {
    await each.run(input, context);
  } catch (error) {
    throw error instanceof ZodError ? toUsageError(error, names) : error;
  }
}

const camel = (_: string, letter: string) => letter.toUpperCase();

function report(error: unknown, json: boolean): ExitCode {
  if (error instanceof CommanderError) {
    // asking for help is no mistake
    if (error.exitCode === 0) return exitCodes.done;
    // people have been told, with the help
    if (!json) return exitCodes.badUsage;
  }
  const { exitCode, message, facts } = error instanceof CommandError ? error : toCommandError(error);
  const told = json ? toJson({ error: { message, exit_code: exitCode, ...facts } }) : harmless(message);
  process.stderr.write(`${told}\n`);
  return exitCode;
}

function toCommandError(error: unknown): CommandError {
  if (error instanceof CommanderError)
    return new CommandError(exitCodes.badUsage, error.message.replace(/^error: /, ''));
  if (error instanceof Error) {
    const byName: Readonly<Record<string, ExitCode>> = {
      ConfigError: exitCodes.badUsage,
      DataFolderInUseError: exitCodes.dataFolderInUse,
      AbortError: exitCodes.interrupted,
    };
    // an abort's reason is what was thrown on purpose
    if (error.cause instanceof CommandError) return error.cause;
    return new CommandError(byName[error.name] ?? exitCodes.failed, error.message, { cause: error });
  }
  return new CommandError(exitCodes.failed, String(error));
}

function toUsageError({ issues }: ZodError, argumentNames: readonly string[]): CommandError {
  const problems = issues.map(({ path, message }) => {
    const name = String(path[0] ?? '');
    const typed = argumentNames.includes(name) ? `<${name}>` : optionOf(name);
    return message.endsWith('received undefined') ? `  - ${typed} is needed` : `  - ${typed}: ${message}`;
  });
  return new CommandError(exitCodes.badUsage, `This is not usable:\n${problems.join('\n')}`);
}

/** As it was typed: `--replace-with`. Settings are in capitals and stay. */
function optionOf(name: string): string {
  if (/^[A-Z_]+$/.test(name)) return name;
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function endOnBrokenOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  writeSync(2, `The output could not be written: ${error.message}\n`);
  process.exit(exitCodes.failed);
}
