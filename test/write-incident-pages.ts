/**
 * `npm run print:incidents -- FOLDER [NAME…]`: writes each recorded incident (test/functions/incidents/recorded) as a stranger gets it, to
 * read it without a cloud: the message to the alarms' topic, and the page of `holdfast incidents show`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { printedIncident } from './functions/incidents/printed-incident.ts';

const RECORDED = path.resolve(import.meta.dirname, 'functions/incidents/recorded');
const [folder, ...names] = process.argv.slice(2);
if (folder === undefined) throw new TypeError('Use: npm run print:incidents -- FOLDER [NAME…]. Nothing was written.');
const known = readdirSync(RECORDED).map((file) => path.basename(file, '.json'));
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0)
  throw new TypeError(`No incident ${unknown.join(', ')} is recorded. Nothing was written. There are: ${known.join(', ')}.`);
mkdirSync(folder, { recursive: true });
for (const name of names.length > 0 ? names : known) {
  const { runbook, evidence } = JSON.parse(readFileSync(path.join(RECORDED, `${name}.json`), 'utf8'));
  writeFileSync(path.join(folder, `${name}.txt`), printedIncident(evidence, runbook));
}
