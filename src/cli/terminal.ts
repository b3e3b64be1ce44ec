/**
 * Where a command reads and writes. Standard output has data alone; everything said to a person, questions and
 * progress included, goes to standard error, so that a pipe never holds them.
 */
import { styleText } from 'node:util';
import { CommandError, exitCodes } from './exit-codes.ts';
import { harmless, properties, type Row, table, toJson } from './text.ts';

/** Where questions go, and without lines that would join them to each other. */
const asked = { output: process.stderr, withGuide: false } as const;

type Style = Parameters<typeof styleText>[0];

export interface Progress {
  advance(by: number, message: string): void;
  end(message: string): void;
}

export class Terminal {
  /** Whether the caller is a program: data as JSON. */
  readonly json: boolean;
  /** Whether somebody is there to answer. */
  readonly isInteractive = process.stdin.isTTY && process.stderr.isTTY;

  constructor(json: boolean) {
    this.json = json;
  }

  /** Data, to standard output. */
  write(text: string): void {
    process.stdout.write(text);
  }

  /** A result: an object for programs, lines for people. */
  print(value: unknown, lines: () => readonly string[]): void {
    this.write(
      this.json
        ? `${toJson(value, 2)}\n`
        : lines()
            .map((line) => `${line}\n`)
            .join(''),
    );
  }

  /** One of many, as soon as it is known: a line of JSON, or of text. */
  printLine(value: unknown, line: () => string): void {
    this.write(`${this.json ? toJson(value) : line()}\n`);
  }

  printTable(value: unknown, rows: readonly Row[], columns: readonly string[]): void {
    this.print(value, () => {
      if (rows.length === 0) return [];
      const [head = '', ...lines] = table(rows, columns);
      return [this.styled('bold', head), ...lines];
    });
  }

  printProperties(row: Row): void {
    this.print(row, () => properties(row));
  }

  /** Said to a person, to standard error. */
  note(text: string): void {
    process.stderr.write(`${harmless(text)}\n`);
  }

  /** Colour for standard output; none where it is no terminal or NO_COLOR is set. */
  styled(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stdout });
  }

  /**
   * A line is read, not a key: what was typed ahead or pasted by mistake has a y in it soon.
   * @throws CommandError notConfirmed, interrupted
   */
  async confirm(question: string): Promise<void> {
    const { text } = await this.#prompts('give --yes');
    const answer = await this.#answered(await text({ message: `${question} (y/N)`, ...asked }));
    if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw notConfirmed('Nothing was changed.');
  }

  /** For what cannot be undone and is large: the answer has to be typed. @throws CommandError notConfirmed, interrupted */
  async confirmByTyping(question: string, expected: string): Promise<void> {
    const { text } = await this.#prompts('give --yes');
    const answer = await text({ message: question, ...asked });
    if ((await this.#answered(answer)) !== expected) {
      throw notConfirmed(`That is not ${expected}. Nothing was changed.`);
    }
  }

  async ask(question: string): Promise<string> {
    const { text } = await this.#prompts('give it as an option');
    return await this.#answered(await text({ message: question, validate: requireAnswer, ...asked }));
  }

  /** What an option would have said. @throws CommandError badUsage where there is no terminal, interrupted */
  async askFor(option: string, question: string): Promise<string> {
    if (this.isInteractive) return await this.ask(question);
    throw new CommandError(exitCodes.badUsage, `${option} is needed.`);
  }

  /** What is typed is not shown. */
  async askSecret(question: string): Promise<string> {
    const { password } = await this.#prompts('give it as an option');
    return await this.#answered(
      await password({ message: question, mask: '', validate: requireAnswer, ...asked }),
    );
  }

  /** A bar where somebody watches, else one line at the end. */
  async progress(total: number, message: string): Promise<Progress> {
    if (!process.stderr.isTTY) return { advance: () => undefined, end: (text) => this.note(text) };
    const { progress } = await import('@clack/prompts');
    const bar = progress({ max: Math.max(1, total), ...asked });
    bar.start(message);
    return { advance: (by, text) => bar.advance(by, text), end: (text) => bar.stop(text) };
  }

  /** `otherwise`: what to do where nobody can be asked. */
  async #prompts(otherwise: string): Promise<typeof import('@clack/prompts')> {
    if (!this.isInteractive) throw notConfirmed(`There is no terminal to ask on: ${otherwise}.`);
    // a terminal that does not know its width says 0, and nothing can be drawn in that
    if (process.stderr.columns < 1) process.stderr.columns = 80;
    // only where somebody is asked: most commands end sooner than this loads
    return await import('@clack/prompts');
  }

  async #answered<T>(answer: T): Promise<Exclude<T, symbol>> {
    if (typeof answer === 'symbol') throw new CommandError(exitCodes.interrupted, 'Cancelled.');
    // the cast: the compiler does not narrow a type parameter
    return answer as Exclude<T, symbol>;
  }
}

function requireAnswer(value: string | undefined): string | undefined {
  return value ? undefined : 'An answer is needed.';
}

function notConfirmed(message: string): CommandError {
  return new CommandError(exitCodes.notConfirmed, message);
}
