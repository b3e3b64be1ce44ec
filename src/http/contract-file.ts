/** The OpenAPI files that the surfaces keep to, as this server shows them. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

export type ContractName = 'butter' | 'sendgrid' | 'session' | 'operator';

const read = new Map<ContractName, Promise<unknown>>();

/** Read when first asked for, and once: thousands of lines of YAML would hold up every start by half a second. */
export function readContract(name: ContractName): Promise<unknown> {
  const known = read.get(name);
  if (known !== undefined) return known;
  const file = new URL(`../../contracts/${name}.yaml`, import.meta.url);
  const contract = readFile(file, 'utf8').then((text): unknown => parse(text));
  read.set(name, contract);
  // what could not be read once is tried again
  contract.catch(() => read.delete(name));
  return contract;
}
