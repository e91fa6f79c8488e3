/** The page of every cause, of every verdict and of every channel, as somebody reads it at night. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CAUSES, type Cause, type Finding, RUNBOOKS, type Runbook } from '../../../../functions/incidents/contract/causes.ts';
import type { IncidentRecord } from '../../../../functions/incidents/contract/incident.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { shortMessageOf } from '../../../../functions/incidents/report/short-message.ts';
import { textOf } from '../../../../functions/incidents/report/text.ts';
import { evidence as healthy } from '../healthy-evidence.ts';
import { printedParts } from '../printed-incident.ts';
import { AT, anIncident, anInput, someEvidence } from './an-incident.ts';
import { pageFaults } from './page-faults.ts';

const RECORDED = path.resolve(import.meta.dirname, '../recorded');
const bundles = globSync('*.json', { cwd: RECORDED });
const bundleOf = (file: string) => JSON.parse(readFileSync(path.join(RECORDED, file), 'utf8'));

it.each(bundles)('%s can be read at night', (file) => {
  const { evidence, runbook } = bundleOf(file);
  const { page, message } = printedParts(evidence, runbook);
  expect(pageFaults(page, message)).toEqual([]);
});

const causeOf = (cause: Cause, confidence: 'certain' | 'likely'): Finding => ({
  ...{ verdict: 'cause', cause, confidence, sentence: 'users are logged out because of it, since 2026-11-22 03:10 UTC', sinceMs: AT },
  because: Array.from({ length: 6 }, (_, at) => ({ text: `fact ${at} ${'is put in many words '.repeat(8)}`, source: 'servers' })),
  ...{ wouldRefute: [], also: ['store-full', 'store-down', 'store-full', 'stickiness-off'] },
});
/** Of the runbook's own causes: the page of another one's reads the same. */
const verdictsOf = (runbook: Runbook): readonly (readonly [string, Finding | undefined])[] => [
  ...CAUSES[runbook].flatMap((cause) =>
    (['certain', 'likely'] as const).map((sure) => [`${cause} (${sure})`, causeOf(cause, sure)] as const),
  ),
  ['unknown', { verdict: 'unknown', candidates: ['store-full', 'store-down'], missing: [], shown: [] }],
  ['nothing', { verdict: 'nothing', because: [], missing: [] }],
  ['no finding yet', undefined],
];

describe.each(RUNBOOKS)('in the runbook %s', (runbook) => {
  it.each(verdictsOf(runbook))('the page of %s can be read at night, open and closed, with evidence and without', (_, finding) => {
    const { finding: __, ...rest } = anIncident({ runbook });
    const open: IncidentRecord = finding === undefined ? rest : { ...rest, finding };
    for (const incident of [open, { ...open, mitigations: {} }, { ...open, closedAtMs: AT + 600_000 }])
      for (const evidence of [undefined, someEvidence(), healthy()]) {
        const page = pageOf(anInput({ incident, evidence }));
        expect(pageFaults(page, shortMessageOf(page, './holdfast incidents show inc-0 --fleet web'))).toEqual([]);
      }
  });
});

describe('what would be found', () => {
  const page = pageOf(anInput());
  const message = shortMessageOf(page, './holdfast incidents show inc-0');
  const next = (text: string, ...commands: string[]) => ({ ...page, next: [{ text, commands, act: 'nothing' as const }] });
  it.each([
    ['a colon', next('Look:'), /ends in a colon/],
    [
      'a line that begins with the cause',
      { ...page, headline: 'The store is down, since 03:10 UTC. The cause is certain.' },
      /not say who/,
    ],
    ['no time', { ...page, headline: 'Users are affected now. The cause is certain.' }, /since when/],
    ['no certainty', { ...page, why: 'It is so.' }, /how sure/],
    ['a slug', { ...page, why: 'It is store-down.' }, /slug store-down/],
    ['a placeholder', next('Do.', './holdfast deploys abort ID --fleet web'), /placeholder/],
    ['a variable', next('Do.', 'aws elbv2 describe-rules --listener-arn "$listener" --region eu-west-1'), /nothing sets/],
    ['half a command', next('Do.', 'holdfast status'), /whole command/],
    ['a command that is refused', next('Do.', './holdfast sweep --everything'), /unknown option/],
    ['a long first screen', next('word '.repeat(900).trim().concat('.')), /screen has/],
  ])('%s', (_, wrong, fault) => {
    expect(pageFaults(wrong, message).join('\n')).toMatch(fault);
  });
});

it('steps that do not fit the screen are in the rest, and nothing is lost', () => {
  const steps = Array.from({ length: 12 }, (_, at) => ({
    text: `Step ${at}.`,
    commands: [`./holdfast status ${at}`],
    act: 'nothing' as const,
  }));
  const page = { ...pageOf(anInput()), next: steps };
  expect(textOf(page)).not.toContain('Step 3.');
  for (const { commands } of steps) expect(textOf(page, { verbose: true })).toContain(`     ${commands[0]}\n`);
});
