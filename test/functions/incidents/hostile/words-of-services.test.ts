/** Errors, events and alarms have words of services in them, and these have clients' at times. */
import { expect, it } from 'vitest';
import { readAlarmEvent } from '../../../../functions/incidents/alarm/alarm.ts';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { readChange } from '../../../../functions/incidents/collect/collect-changes.ts';
import { createStoreGroup } from '../../../../functions/incidents/collect/collect-store.ts';
import { createCollect } from '../../../../functions/incidents/collect/run-collector.ts';
import { describeFailure } from '../../../../functions/incidents/collect/store/describe-node.ts';
import { RUNBOOKS } from '../../../../functions/incidents/contract/causes.ts';
import { type Evidence, SOURCES } from '../../../../functions/incidents/contract/evidence.ts';
import type { IncidentRecord, Sign } from '../../../../functions/incidents/contract/incident.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { textOf } from '../../../../functions/incidents/report/text.ts';
import { renderReport } from '../../../../functions/incidents/run/report.ts';
import { CASES } from '../classify/cases.ts';
import { seeded } from '../classify/pieces.ts';
import { evidence, FROM_MS, NOW_MS, SIGN_MS } from '../healthy-evidence.ts';
import { anIncident, PLACE } from '../report/an-incident.ts';
import { pick, type Random } from './answers.ts';

const PRIVATE = [
  'jane.doe@example.com',
  '3BD6A1F00C4E4E0B9A7D5C2211EE4477',
  's%3AJx8aZk3Lm9QwErTyUiOpAsDfGhJkLzXc.sig',
  'JSESSIONID=ab12cd34ef56ab78',
  '10.66.77.88',
  '2001:db8:0:66::7',
  '\u202egnp',
  '\u001b[2J',
];
const FRAMES: readonly ((text: string) => string)[] = [
  (text) => `connect ECONNREFUSED ${text}`,
  (text) => `AccessDenied: User: arn:aws:sts::111122223333:assumed-role/Operator/${text} is not authorized`,
  (text) => `${text}: no answer`,
  (text) => `failed for "${text}" (try again)`,
];
const words = (random: Random): string => pick(FRAMES, random)(pick(PRIVATE, random));

async function gathered(random: Random): Promise<Evidence> {
  const parts: Record<string, unknown> = {};
  const collect = createCollect({
    collectors: {
      traffic: async () => {
        throw new Error(words(random));
      },
      canary: async () => ({ gap: words(random) }),
      deploys: async () => ({ takenAtMs: NOW_MS, facts: { deploys: [] }, gaps: [words(random)] }),
      store: async () => ({
        takenAtMs: NOW_MS,
        facts: { nodes: [describeFailure('node-1', new Error(words(random)))], dialects: [], sizes: {} },
      }),
      storeGroup: createStoreGroup({
        group: {
          describe: async () => ({ status: 'available', automaticFailover: true, members: [] }),
          events: async () => [{ atMs: SIGN_MS, message: words(random) }],
        } as never,
        now: () => NOW_MS,
      }),
      changes: async () => {
        const record = JSON.stringify({
          eventSource: 'ec2.amazonaws.com',
          sourceIPAddress: '10.66.77.88',
          userIdentity: { type: 'AssumedRole', arn: 'arn:aws:sts::111122223333:assumed-role/Operator/jane.doe@example.com' },
          requestParameters: { groupId: `sg-1 jane.doe@example.com` },
        });
        const change = readChange({ eventId: 'e-1', name: 'ModifySecurityGroupRules', atMs: SIGN_MS, record } as never);
        return { takenAtMs: NOW_MS, facts: { changes: change ? [change] : [], completeUntilMs: NOW_MS } };
      },
    },
    putJson: async (key, value) => {
      parts[key.replace(/^.*\/|\.json$/g, '')] = JSON.parse(JSON.stringify(value));
    },
    secret: async () => 'secret',
  });
  const run = {
    incidentId: 'inc-0123456789ab',
    run: 1,
    runbook: 'logged-out',
    fleets: ['web'],
    fromMs: FROM_MS,
    toMs: NOW_MS,
    firstSignMs: SIGN_MS,
  };
  for (const source of ['traffic', 'canary', 'deploys', 'store', 'storeGroup', 'changes'] as const) await collect({ run, source } as never);
  const others = pick([evidence(), ...CASES.map(({ planted }) => planted)], random);
  const sources = Object.fromEntries(
    SOURCES.map((source) => [source, random() < 0.8 && source in parts ? parts[source] : others.sources[source]]),
  );
  return { ...others, sources: Object.fromEntries(Object.entries(sources).filter(([, part]) => part !== undefined)) };
}

function signOf(random: Random): Sign {
  const sign = readAlarmEvent({
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    time: new Date(SIGN_MS).toISOString(),
    detail: { alarmName: 'live-web-redirects', state: { value: 'ALARM', reason: words(random) } },
  });
  if ('malformed' in sign) throw new Error(sign.malformed);
  return sign;
}

it('have nothing of a client in the evidence, the record, the report, the page or the message', async () => {
  for (let seed = 1; seed <= 120; seed += 1) {
    const random = seeded(seed);
    const found = await gathered(random);
    const runbook = pick(RUNBOOKS, random);
    const finding = classify(found, runbook);
    const incident: IncidentRecord = anIncident({ runbook, finding, signs: [signOf(random)] });
    const { markdown, json, subject, text } = renderReport(PLACE, () => NOW_MS)(incident, found);
    const page = pageOf({ incident, evidence: found, place: PLACE, nowMs: NOW_MS });
    const out = [JSON.stringify(found), markdown, JSON.stringify(json), subject, text, textOf(page, { verbose: true })].join('\n');
    for (const bad of PRIVATE) expect([seed, bad, out.includes(bad)]).toEqual([seed, bad, false]);
    expect([seed, /[\w.+-]+@[\w-]+\.[a-z]{2,}/i.exec(out)?.[0]]).toEqual([seed, undefined]);
  }
});
