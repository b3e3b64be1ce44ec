/** Lines for people: what has happened, and one that says how it goes, written anew in place on a terminal. */
import { styleText } from 'node:util';

export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const eraseLine = '\r\u001b[2K';

type Style = Parameters<typeof styleText>[0];

export class Screen {
  readonly #output: Output;
  readonly #hasColors: boolean;
  #progress = '';

  constructor(output: Output, hasColors: boolean) {
    this.#output = output;
    this.#hasColors = hasColors;
  }

  /** How often to write how it goes: not too often where every line stays. */
  get progressEveryMs(): number {
    return this.#isTerminal ? 200 : 2_000;
  }

  say(text: string): void {
    this.#output.write(`${this.#isTerminal ? eraseLine : ''}${text}\n${this.#progress}`);
  }

  progress(text: string): void {
    if (!this.#isTerminal) return this.say(text);
    this.#progress = text;
    this.#output.write(`${eraseLine}${text}`);
  }

  /** The line that says how it goes is gone. */
  endProgress(): void {
    if (this.#progress === '') return;
    this.#progress = '';
    this.#output.write(eraseLine);
  }

  paint(style: Style, text: string): string {
    return this.#hasColors ? styleText(style, text, { validateStream: false }) : text;
  }

  get #isTerminal(): boolean {
    return this.#output.isTTY === true;
  }
}

const format = new Intl.NumberFormat('en');

export function count(value: number): string {
  return format.format(value);
}
