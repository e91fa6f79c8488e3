/** The page of every cause, of every verdict and of every channel, as somebody reads it at night. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CAUSES, type Cause, type Finding, RUNBOOKS } from '../../../../functions/incidents/contract/causes.ts';
import type { IncidentRecord } from '../../../../functions/incidents/contract/incident.ts';
import { CAUSE_STEPS } from '../../../../functions/incidents/report/cause-steps.ts';
import { CHANNEL_STEPS } from '../../../../functions/incidents/report/channel-steps.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { shortMessageOf } from '../../../../functions/incidents/report/short-message.ts';
import type { StepContext } from '../../../../functions/incidents/report/step-context.ts';
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
  ...{ wouldRefute: [], also: ['store-full', 'store-down', 'evictions', 'stickiness-off'] },
});
const VERDICTS: readonly (readonly [string, Finding | undefined])[] = [
  ...Object.values(CAUSES)
    .flat()
    .flatMap((cause) => (['certain', 'likely'] as const).map((sure) => [`${cause} (${sure})`, causeOf(cause, sure)] as const)),
  ['unknown', { verdict: 'unknown', candidates: ['store-full', 'store-down'], missing: [], shown: [] }],
  ['nothing', { verdict: 'nothing', because: [], missing: [] }],
  ['no finding yet', undefined],
];

describe.each(RUNBOOKS)('in the runbook %s', (runbook) => {
  it.each(VERDICTS)('the page of %s can be read at night, open and closed, with evidence and without', (_, finding) => {
    const { finding: __, ...rest } = anIncident({ runbook });
    const open: IncidentRecord = finding === undefined ? rest : { ...rest, finding };
    for (const incident of [open, { ...open, mitigations: {} }, { ...open, closedAtMs: AT + 600_000 }])
      for (const evidence of [undefined, someEvidence(), healthy()]) {
        const page = pageOf(anInput({ incident, evidence }));
        expect(pageFaults(page, shortMessageOf(page, 'npx --no holdfast incidents show inc-0 --fleet web'))).toEqual([]);
      }
  });
});

const CONTEXT: StepContext = {
  ...{
    doctor: 'npx --no holdfast doctor --fleet web',
    runningDeploy: undefined,
    lastDeploy: undefined,
    areDeploysRead: true,
    isOver: false,
    goneBy: undefined,
    isScaleIn: false,
    isCookieMissed: false,
    refusedServers: [],
    isBusy: false,
    engine: { load: '', node: 'sessions-001', isFree: false, missed: undefined },
  },
  ...{
    overdueMinutes: undefined,
    server: 'i-1',
    replaces: 'now',
    cutOff: { servers: [], of: 3 },
    madeBy: 'machines',
    startedAnew: undefined,
    shortLives: undefined,
    storeAnswers: true,
  },
  ...{ emptied: undefined, noConnections: undefined, lostReplica: undefined, isWithoutFailover: false, past: undefined, stale: undefined },
  ...{ local: false, suspects: [], aws: (words) => [`aws ${words} --region eu-west-1`] },
};

it.each(Object.entries(CHANNEL_STEPS))('%s has first steps where nothing explains it, the first with its command', (_, steps) => {
  const [first] = steps('--fleet web', CONTEXT);
  expect(first?.commands).not.toEqual([]);
  expect(steps('--fleet web', { ...CONTEXT, local: true, aws: () => [] })[0]?.text).toBe(first?.text);
});

it.each([
  [
    undefined,
    "2 of 6 servers do not reach the store. Check what they have in common: the security group's rules, the subnets and their network ACL.",
  ],
  [
    'eu-west-1a',
    "2 of 6 servers do not reach the store: those of eu-west-1a, and no other. Check that zone in the AWS Health Dashboard, and its subnet's route table and network ACL.",
  ],
])('servers that are cut off name their zone (%s)', (zone, text) => {
  const cutOff = { servers: ['i-1', 'i-2'], of: 6, ...(zone && { zone }) };
  expect(CAUSE_STEPS['server-partitioned']('--fleet web', { ...CONTEXT, cutOff }).map((one) => one.text)).toContain(text);
});

describe('what would be found', () => {
  const page = pageOf(anInput());
  const message = shortMessageOf(page, 'npx --no holdfast incidents show inc-0');
  const next = (text: string, ...commands: string[]) => ({ ...page, next: [{ text, commands }] });
  it.each([
    ['a colon', next('Look:'), /ends in a colon/],
    [
      'a line that begins with the cause',
      { ...page, headline: 'The store is down, since 03:10 UTC. The cause is certain.' },
      /not say who/,
    ],
    ['no time', { ...page, headline: 'Users are affected now. The cause is certain.' }, /since when/],
    ['no certainty', { ...page, headline: 'Users are affected since 03:10 UTC.' }, /how sure/],
    ['a slug', { ...page, why: 'It is store-down.' }, /slug store-down/],
    ['a placeholder', next('Do.', 'npx --no holdfast deploys abort ID --fleet web'), /placeholder/],
    ['a variable', next('Do.', 'aws elbv2 describe-rules --listener-arn "$listener" --region eu-west-1'), /nothing sets/],
    ['half a command', next('Do.', 'holdfast status'), /whole command/],
    ['a command that is refused', next('Do.', 'npx --no holdfast sweep --everything'), /unknown option/],
    ['a long first screen', next('word '.repeat(900).trim().concat('.')), /first screen has/],
  ])('%s', (_, wrong, fault) => {
    expect(pageFaults(wrong, message).join('\n')).toMatch(fault);
  });
});

it('what does not fit the first screen is in the rest, and nothing is lost', () => {
  const steps = Array.from({ length: 12 }, (_, at) => ({ text: `Step ${at}.`, commands: [`npx --no holdfast status ${at}`] }));
  const text = textOf({ ...pageOf(anInput()), next: steps });
  for (const { commands } of steps) expect(text).toContain(`     ${commands[0]}\n`);
  expect(text.indexOf('Step 11.')).toBeGreaterThan(text.indexOf('the rest'));
});
