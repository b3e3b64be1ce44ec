/** The part of docs/cli.md that says what the program itself says: exit codes, and the help of every command. */
import type { Command as Program } from 'commander';
import { exitCodeMeanings } from './exit-codes.ts';
import { createProgram } from './program.ts';

/** As wide as the other documents. */
const width = 100;
const codes = /(?<=^## Exit codes\n\n)[^]*?(?=\n## )/m;
const reference = /(?<=^## Commands\n\n)[^]*$/m;

/** The document with both parts as they should be. */
export function withReference(document: string): string {
  return document.replace(codes, () => exitCodeTable()).replace(reference, () => commandReference());
}

function exitCodeTable(): string {
  const rows = Object.entries(exitCodeMeanings).map(([code, meaning]) => `| ${code} | ${meaning} |\n`);
  return `| code | meaning |\n|---|---|\n${rows.join('')}`;
}

function commandReference(): string {
  return leavesOf(createProgram())
    .map((command) => {
      const help = command.configureHelp({ helpWidth: width }).helpInformation().trimEnd();
      return `### \`${nameOf(command)}\`\n\n\`\`\`\n${help}\n\`\`\`\n`;
    })
    .join('\n');
}

function leavesOf(command: Program): readonly Program[] {
  const below = command.commands.filter((each) => !each.name().startsWith('_'));
  return below.length === 0 ? [command] : below.flatMap(leavesOf);
}

function nameOf(command: Program): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}
