import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ROWS } from '../../functions/incidents/classify/table.ts';
import { FAULTS, NOT_PRODUCIBLE } from '../../local/incident-faults/table.ts';
import { incidentsPage } from './incidents-page.ts';

it('docs/incidents.md is what "npm run docs:incidents" writes', () => {
  expect(readFileSync(path.resolve(import.meta.dirname, '../../docs/incidents.md'), 'utf8')).toBe(incidentsPage());
});

it.each(ROWS)('$cause has a fault that plants it, or a reason why none can', ({ cause }) => {
  expect(FAULTS.some((fault) => fault.cause === cause) || NOT_PRODUCIBLE[cause] !== undefined).toBe(true);
});
