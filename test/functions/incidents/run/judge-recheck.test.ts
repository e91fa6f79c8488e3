/** What a re-check does with its incident: the steps of the runbook's machine, with the records table in memory. */
import { beforeEach, describe, expect, it } from 'vitest';
import { decide } from '../../../../functions/incidents/classify/decide.ts';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import { CHANGES_COME_LATER, type ChangeFacts, SOURCES } from '../../../../functions/incidents/contract/evidence.ts';
import type { RunContext } from '../../../../functions/incidents/contract/steps.ts';
import type { RunbookStepReply } from '../../../../functions/incidents/run/run-steps.ts';
import { createRunbookSteps } from '../../../../functions/incidents/run/run-steps.ts';
import { evidence as healthy } from '../healthy-evidence.ts';
import { memoryIncidentRecords } from '../memory-incident-records.ts';
import { PLACE } from '../report/an-incident.ts';

const ID = 'inc-000000000001';
const NOW = Date.parse('2026-11-22T03:12:05Z');
const RUN = 'arn:aws:states:us-east-1:000000000000:execution:holdfast-runbook:one';
const LOOK = 'arn:aws:states:us-east-1:000000000000:execution:holdfast-runbook:look';
const cause = (name: string): Finding =>
  ({
    verdict: 'cause',
    cause: name,
    confidence: 'certain',
    sentence: `it is ${name}`,
    sinceMs: 0,
    because: [],
    wouldRefute: [],
    also: [],
  }) as never;
const UNKNOWN: Finding = { verdict: 'unknown', candidates: [], missing: [], shown: [] };

let records: ReturnType<typeof memoryIncidentRecords>;
let stored: Map<string, string>;
let messages: string[];
let seen: Finding;

beforeEach(async () => {
  records = memoryIncidentRecords();
  [messages, stored, seen] = [[], new Map(), cause('store-down')];
  for (const source of SOURCES)
    stored.set(`_incidents/${ID}/look-3/${source}.json`, JSON.stringify(healthy().sources[source] ?? { gap: 'none' }));
  await records.putPointer(
    { incidentId: ID, fingerprint: 'store-failure', runbook: 'store-failure', openedAtMs: NOW - 300_000 },
    undefined,
  );
  await records.ensureIncident({ incidentId: ID, fingerprint: 'store-failure', runbook: 'store-failure', openedAtMs: NOW - 300_000 });
  await records.addSign(ID, { from: 'a', state: 'ALARM', atMs: NOW - 300_000 });
  await records.beginRun(ID, 1, RUN, NOW - 280_000);
  await records.change(ID, { finding: UNKNOWN });
});
const runEnds = () => records.change(ID, { stage: 'watching' }, { remove: ['running'] });
const incident = async () => records.getIncident(ID);

const ask = createRunbookSteps({
  get records() {
    return records;
  },
  classify: () => seen,
  decide,
  modes: {},
  fleets: ['web'],
  coolDownMs: 1_800_000,
  place: PLACE,
  objects: {
    put: async (key, body) => void stored.set(key, body),
    get: async (key) => stored.get(key),
  },
  publish: async ({ subject, text }) => void messages.push(`${subject}\n${text}`),
  render: (one) => ({ markdown: '', json: {}, subject: 'report', text: one.finding?.verdict ?? '' }),
  log: { info: () => {}, warn: () => {} },
  now: () => NOW,
});

async function look(number = 3): Promise<{ opened: RunbookStepReply; classified?: RunbookStepReply & { run?: RunContext } }> {
  const opened = await ask({
    step: 'open',
    input: { incidentId: ID, look: number },
    executionArn: LOOK,
    startTime: new Date(NOW).toISOString(),
  });
  if (!('run' in opened)) return { opened };
  return { opened, classified: (await ask({ step: 'classify', run: opened.run, collected: [] })) as never };
}

describe('a re-check', () => {
  it('reads the last hour, with the first sign of the episode', async () => {
    await records.addSign(ID, { from: 'a', state: 'OK', atMs: NOW - 200_000 });
    await records.addSign(ID, { from: 'a', state: 'ALARM', atMs: NOW - 100_000 });
    const { opened } = await look();
    expect(opened).toMatchObject({
      verdict: 'DONE',
      run: { look: 3, fromMs: NOW - 3_600_000, toMs: NOW, firstSignMs: NOW - 100_000, executionArn: LOOK },
    });
  });

  it('that shows nothing new changes nothing of the incident', async () => {
    await records.change(ID, { finding: cause('store-down') });
    await runEnds();
    const before = await incident();
    expect((await look()).classified).toMatchObject({ verdict: 'SKIP' });
    expect(await incident()).toEqual(before);
    expect(messages).toEqual([]);
  });

  it('that shows another cause goes on as the next run, with what it has collected', async () => {
    await runEnds();
    const { classified } = await look();
    expect(classified).toMatchObject({ verdict: 'DONE', run: { run: 2, afterLook: true, executionArn: LOOK } });
    expect(classified?.run?.look).toBeUndefined();
    expect(await incident()).toMatchObject({
      runs: 2,
      running: true,
      executionArn: LOOK,
      finding: { cause: 'store-down' },
      stage: 'deciding',
    });
    expect(stored.get(`_incidents/${ID}/2/evidence.json`)).toContain('"firstSignMs"');
    // Its report is the one message.
    expect(messages).toEqual([]);
  });

  it('whose answer was lost goes on as the same run', async () => {
    await runEnds();
    const { opened } = await look();
    const again = await ask({ step: 'classify', run: (opened as { run: RunContext }).run, collected: [] });
    expect([again, (await incident())?.runs]).toMatchObject([{ verdict: 'DONE', run: { run: 2 } }, 2]);
  });

  it('that shows another cause while a run is under way leaves the run alone, and is one message', async () => {
    const before = await incident();
    expect((await look()).classified).toMatchObject({ verdict: 'SKIP' });
    expect((await look()).classified).toMatchObject({ verdict: 'SKIP' });
    expect(await incident()).toEqual({ ...before, lookReported: 'store-down' });
    expect(messages).toEqual([expect.stringContaining('it is store-down')]);
    expect(messages[0]).toContain(ID);
  });

  it('does not come once the alarms are OK, or the incident is closed', async () => {
    await records.addSign(ID, { from: 'a', state: 'OK', atMs: NOW });
    expect((await look()).opened).toMatchObject({ verdict: 'SKIP' });
    await records.change(ID, { closedAtMs: NOW });
    expect((await look()).opened).toMatchObject({ verdict: 'SKIP' });
  });

  it('that breaks ends no run of another execution, and reports nothing', async () => {
    const { opened } = await look();
    const { run } = opened as { run: RunContext };
    messages = [];
    const before = await incident();
    await ask({ step: 'nameTrouble', run, error: { Error: 'Broken' } });
    await ask({ step: 'report', run });
    expect([await incident(), messages]).toEqual([before, []]);
  });

  it('decides nothing again that was observed in this episode', async () => {
    await runEnds();
    const observed = {
      name: 're-login-page',
      target: { incidentId: ID },
      run: 1,
      mode: 'observe',
      state: 'observed',
      calls: [],
      finishedAtMs: NOW - 1_000,
    };
    await records.putMitigation(ID, 're-login-page', observed as never);
    await records.putMitigation(ID, 'promote-replica', { ...observed, name: 'promote-replica' } as never);
    const { classified } = await look();
    const { decisions } = (await ask({ step: 'decide', run: classified?.run as RunContext })) as unknown as {
      decisions: { key: string }[];
    };
    expect(decisions).toEqual([]);
  });
});

describe('changes', () => {
  const begin = (input: object, executionArn = 'arn:aws:states:us-east-1:000000000000:execution:holdfast-runbook:next') =>
    ask({ step: 'open', input, executionArn, startTime: new Date(NOW).toISOString() });

  it('are left to the re-check by a run that an alarm begins, and not by a person, a dry run or a re-check', async () => {
    await runEnds();
    expect(await begin({ incidentId: ID, run: 2 })).toMatchObject({ run: { changesByMs: NOW + 540_000 } });
    await runEnds();
    for (const input of [{ runbook: 'store-failure' }, { runbook: 'store-failure', dryRun: true }, { incidentId: ID, look: 3 }]) {
      const { run } = (await begin(input, LOOK)) as { run: RunContext };
      expect(run.executionArn).toBe(LOOK);
      expect(run).not.toHaveProperty('changesByMs');
    }
  });

  /** The run found this cause without them, and the re-check finds these. */
  const recheck = async (known: Finding, found: ChangeFacts['changes'], gap = `${CHANGES_COME_LATER}03:21 UTC`) => {
    await records.change(ID, { finding: known });
    await runEnds();
    const { evidence } = { evidence: { ...healthy(), sources: { ...healthy().sources, changes: { gap } } } };
    stored.set(`_incidents/${ID}/1/evidence.json`, JSON.stringify(evidence));
    const changes = { takenAtMs: NOW, facts: { changes: found, completeUntilMs: NOW - 900_000 } };
    stored.set(`_incidents/${ID}/look-3/changes.json`, JSON.stringify(changes));
    return (await look()).classified;
  };
  const sure = (name: string, confidence: 'certain' | 'likely') => ({ ...cause(name), confidence, sinceMs: NOW - 300_000 }) as Finding;
  const revoked: ChangeFacts['changes'][number] = {
    ...{ atMs: NOW - 330_000, event: 'RevokeSecurityGroupIngress', kind: 'security-group', roleArn: 'r', eventId: 'e', resource: 'sg-1' },
  };

  it('that can be the cause go on as a run of the same cause, so that people get them; others do not', async () => {
    seen = sure('store-down', 'likely');
    expect(await recheck(sure('store-down', 'likely'), [revoked])).toMatchObject({ verdict: 'DONE', run: { run: 2, afterLook: true } });
    expect(stored.get(`_incidents/${ID}/2/evidence.json`)).toContain('RevokeSecurityGroupIngress');
  });

  it.each<[string, ChangeFacts['changes'], string | undefined]>([
    ['there are none', [], undefined],
    ['one lets more through', [{ ...revoked, event: 'AuthorizeSecurityGroupIngress' }], undefined],
    ['the run had read them', [revoked], 'AccessDeniedException'],
  ])('go on as no run where %s', async (_, found, gap) => {
    seen = sure('store-down', 'likely');
    expect(await recheck(sure('store-down', 'likely'), found, gap)).toMatchObject({ verdict: 'SKIP' });
  });

  it('that make the finding certain go on as a run', async () => {
    seen = sure('store-down', 'certain');
    expect(await recheck(sure('store-down', 'likely'), [])).toMatchObject({ verdict: 'DONE' });
  });
});

describe('an incident that one of the store explains', () => {
  const OTHER = 'inc-000000000002';
  const run = {
    incidentId: OTHER,
    runbook: 'logged-out',
    fleets: ['web'],
    fromMs: 0,
    toMs: NOW,
    firstSignMs: NOW,
    run: 1,
    executionArn: LOOK,
    dryRun: false,
  } as const;

  it('is linked to it, decides nothing, and sends nothing', async () => {
    await records.change(ID, { finding: cause('store-down') });
    await records.ensureIncident({ incidentId: OTHER, fingerprint: 'logged-out', runbook: 'logged-out', openedAtMs: NOW });
    await records.beginRun(OTHER, 1, LOOK, NOW);
    seen = cause('store-connection-failures');
    await ask({ step: 'classify', run, collected: [] });
    expect(await records.getIncident(OTHER)).toMatchObject({ explainedBy: ID });
    expect(await ask({ step: 'decide', run })).toEqual({ decisions: [] });
    await ask({ step: 'report', run });
    expect([messages, (await records.getIncident(OTHER))?.running]).toEqual([[], undefined]);
  });

  it('sends its own report when it is not explained any more', async () => {
    await records.ensureIncident({ incidentId: OTHER, fingerprint: 'logged-out', runbook: 'logged-out', openedAtMs: NOW });
    await records.beginRun(OTHER, 1, LOOK, NOW);
    await records.change(OTHER, { explainedBy: ID });
    seen = cause('stickiness-off');
    await ask({ step: 'classify', run, collected: [] });
    await ask({ step: 'report', run });
    expect([messages.length, (await records.getIncident(OTHER))?.explainedBy]).toEqual([1, undefined]);
  });
});
