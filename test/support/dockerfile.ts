/** The Dockerfile as its instructions, so far as ours uses its language. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Instruction {
  /** The name of its stage; of the last one, which has none, `''`. */
  readonly stage: string;
  readonly name: string;
  readonly text: string;
}

export async function readDockerfile(): Promise<readonly Instruction[]> {
  const text = await readFile(`${root}Dockerfile`, 'utf8');
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n');
  let stage = '';
  return lines.flatMap((line) => {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.+)$/.exec(line.trim()) ?? [];
    if (name === 'FROM') stage = / AS (\w+)$/.exec(rest)?.[1] ?? '';
    return name === '' ? [] : [{ stage, name, text: rest }];
  });
}

export interface Copy {
  /** Undefined: from the folder that the image is built in. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

export function copiesOf(instructions: readonly Instruction[]): readonly Copy[] {
  return instructions
    .filter(({ name }) => name === 'COPY')
    .map(({ text }) => {
      const words = text.split(/\s+/);
      const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
      const paths = words.filter((word) => !word.startsWith('--'));
      return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
    });
}

export function variablesOf(instructions: readonly Instruction[]): Readonly<Record<string, string>> {
  const texts = instructions.filter(({ name }) => name === 'ENV').map(({ text }) => text);
  const pairs = texts.flatMap((text) => [...text.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)]);
  return Object.fromEntries(pairs.map(([, name = '', quoted, plain]) => [name, quoted ?? plain ?? '']));
}

/** In the form of a list, as the last CMD and the HEALTHCHECK are. */
export function commandOf(instructions: readonly Instruction[], name: string): readonly string[] {
  const { text = '' } = instructions.findLast((each) => each.stage === '' && each.name === name) ?? {};
  return JSON.parse(text.slice(text.indexOf('[')));
}
