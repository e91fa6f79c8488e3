/**
 * `npm run docs:emulators`: shows every ability on the local cloud with either emulator and on LocalStack alone, keeps the results
 * (results.json) and writes the table of docs/localstack.md. Needs what LocalStack needs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PLACES, type Results, withTable } from './service-table.ts';
import { showAbilities } from './show-abilities.ts';

const PAGE = path.resolve(import.meta.dirname, '../../docs/localstack.md');
const log = (line: string) => process.stderr.write(`${line}\n`);

const results: Partial<Record<(typeof PLACES)[number], Results[(typeof PLACES)[number]]>> = {};
for (const place of PLACES) {
  log(`${place}…`);
  results[place] = await showAbilities(place, log);
}
writeFileSync(path.join(import.meta.dirname, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), results as Results));
