import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { alarmsOfRunbooks, roleOfAlarm } from '../../functions/incidents/alarm/alarm.ts';
import { ROWS } from '../../functions/incidents/classify/rows.ts';
import { FAULTS, NOT_PRODUCIBLE } from '../../lab/demo/incident-faults/table.ts';
import { readRunbook } from '../runbook.ts';
import { incidentsPage } from './incidents-page.ts';

it('docs/incidents.md is what "npm run docs -- incidents" writes', () => {
  expect(readFileSync(path.resolve(import.meta.dirname, '../../docs/incidents.md'), 'utf8')).toBe(incidentsPage());
});

it.each(ROWS)('$cause has a fault that plants it, or a reason why none can', ({ cause }) => {
  expect(FAULTS.some((fault) => fault.cause === cause) || NOT_PRODUCIBLE[cause] !== undefined).toBe(true);
});

const runbookOf = (heading: string): string => new RegExp(`^## ${heading}\\n[^]*?(?=^## )`, 'm').exec(RUNBOOK_TEXT)?.[0] ?? '';
const RUNBOOK_TEXT = readRunbook();

it.each(alarmsOfRunbooks('live', ['web']))('the runbook of alarm %s says whether it opens an incident, and which', (name) => {
  const meaning = roleOfAlarm(name, 'live', ['web'])?.meaning;
  const text = runbookOf(name.replace(/^live-(web|store)-/, '')).replaceAll(/\((?:at-night\.md)?#an-incident-is-open\)/g, '(LINK)');
  const [short, long] =
    meaning && 'opens' in meaning
      ? [`[\`${meaning.opens}\`](LINK)`, `It opens an [incident](LINK), whose runbook \`${meaning.opens}\` looks for the cause.`]
      : ['[joins one](LINK)', 'The alarm joins an open [incident](LINK) as evidence.'];
  expect([`**Incident:** ${short}.`, `**What Holdfast does.** ${long}`].filter((sentence) => text.includes(sentence))).toHaveLength(1);
});
