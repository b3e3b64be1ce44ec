/** How a command ends. docs/cli.md lists the same, and a test holds the two equal. */

export const exitCodes = {
  done: 0,
  failed: 1,
  badUsage: 2,
  unreachable: 3,
  notAllowed: 4,
  notFound: 5,
  blocked: 6,
  refused: 7,
  notConfirmed: 8,
  dataFolderInUse: 9,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
  0: 'Done.',
  1: 'It failed; the reason is on standard error. Of `doctor`: at least one check failed.',
  2: 'The command, an option or a setting is not usable.',
  3: 'The server or the database cannot be reached.',
  4: 'The key is missing, wrong, or not allowed to do this.',
  5: 'What was named does not exist.',
  6: 'A deletion is blocked: something still refers to what was to be deleted. Nothing was deleted.',
  7: 'The server refused the request for another reason.',
  8: 'Nobody confirmed: the answer was no, or there is no terminal to ask on and `--yes` was not given.',
  9: 'The data folder is in use by a running Jackfield.',
  130: 'Ended by Ctrl-C.',
};

/** What a person is told, and how the command ends. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;
  /** For `--json`: what a program may want to know besides the sentence. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    exitCode: ExitCode,
    message: string,
    options: ErrorOptions & { readonly facts?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = exitCode;
    this.facts = options.facts ?? {};
  }
}
