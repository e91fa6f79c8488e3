/**
 * `npm run docs -- emulators`: shows every ability on the local cloud with either emulator and on LocalStack alone, keeps the results
 * (results.json) and writes the table of docs/internals/localstack.md. Needs what LocalStack needs. With `--only PLACE` it shows them in
 * one of the three places, prints what each can do, and writes nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PLACES, type Place, type Results, withTable } from './service-table.ts';

const PAGE = path.resolve(import.meta.dirname, '../../../../docs/internals/localstack.md');
const log = (line: string) => process.stderr.write(`${line}\n`);

/**
 * @param only the one place
 * @returns the exit code
 */
export async function writeTable(only?: string): Promise<number> {
  const place = PLACES.find((one) => one === only);
  if (only !== undefined && place === undefined) {
    log(`--only ${only} is not a place: choose "${PLACES.join('", "')}". Nothing was written.`);
    return 2;
  }
  // Loads many clients.
  const { showAbilities } = await import('./show-abilities.ts');
  if (place !== undefined) {
    for (const { service, what, can } of await showAbilities(place, log))
      process.stdout.write(`${can ? 'yes' : 'no '} ${service} ${what}\n`);
    return 0;
  }
  const results: Partial<Record<Place, Results[Place]>> = {};
  for (const each of PLACES) {
    log(`${each}…`);
    results[each] = await showAbilities(each, log);
  }
  writeFileSync(path.join(import.meta.dirname, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), results as Results));
  return 0;
}
