import { describe, expect, it } from 'vitest';
import { ROWS } from '../../../../functions/incidents/classify/rows.ts';
import type { Cause, Finding } from '../../../../functions/incidents/contract/causes.ts';
import type { DeployFacts } from '../../../../functions/incidents/contract/evidence.ts';
import type { MitigationRecord } from '../../../../functions/incidents/contract/incident.ts';
import type { ApiCall, MitigationName } from '../../../../functions/incidents/contract/mitigations.ts';
import type { Place } from '../../../../functions/incidents/report/incident-page.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { SAYS } from '../../../../functions/incidents/report/says.ts';
import { CHANNEL_SAYS, NOTHING } from '../../../../functions/incidents/report/says-of-channels.ts';
import { stepFacts } from '../../../../functions/incidents/report/step-facts.ts';
import { access, evidence, FROM_MS, NOW_MS, node, SIGN_MS, server, unreachable } from '../healthy-evidence.ts';
import { AT, anIncident, anInput, PLACE, someEvidence } from './an-incident.ts';
import { parseCommand } from './parse-command.ts';

const ON_AWS = '--fleet web --region eu-west-1 --installation live';
const commandsOf = (page: ReturnType<typeof pageOf>): string[] => page.next.flatMap(({ commands }) => [...commands]);

const record = (name: MitigationName, calls: readonly ApiCall[], more: Partial<MitigationRecord> = {}): MitigationRecord => ({
  name,
  target: { incidentId: 'inc-0123456789ab', fleet: 'web', instanceId: 'i-0a1' },
  run: 1,
  mode: 'observe',
  state: 'observed',
  calls,
  effect: 'the effect',
  ...more,
});
const pageWith = (one: MitigationRecord, place: Place = PLACE, more: object = {}) =>
  pageOf(anInput({ place, incident: anIncident({ mitigations: { [one.name]: one }, ...more }) }));

const START: ApiCall = { service: 'stepfunctions', operation: 'StartExecution', input: { name: 'x' } };

describe('what is only named', () => {
  it.each(['restore-stickiness', 'promote-replica', 're-login-page@web'] as const)('%s has the command that has it carried out', (key) => {
    const one = record(key.replace('@web', '') as MitigationName, []);
    const [step] = pageOf(
      anInput({ incident: anIncident({ mitigations: { [key]: one }, finding: { ...FOUND, cause: 'store-down' } }) }),
    ).next;
    expect(step?.text).toMatch(new RegExp(`\\(${key}\\)\\. Its pre-conditions are read again first\\.$`));
    expect(step?.commands).toEqual([`./holdfast incidents do inc-0123456789ab ${key} ${ON_AWS}`]);
  });

  it.each([
    ['restore-stickiness', 'done', 1],
    ['re-login-page', 'done', 1],
    ['sweep-now', 'done', 0],
    ['re-login-page', 'ended', 0],
  ] as const)('%s that is %s has %i commands to end it', (name, state, count) => {
    const commands = commandsOf(pageWith(record(name, [], { state })));
    expect(commands.filter((one) => one.includes(`incidents end inc-0123456789ab ${name} `))).toHaveLength(count);
  });

  it('leads to what a mode is', () => {
    expect(pageWith(record('sweep-now', [START])).links).toContain('docs/mitigations.md');
  });

  it.each([
    ['sweep-now', /^\.\/holdfast sweep /],
    ['stop-deploy', /^\.\/holdfast deploys abort d1 /],
  ] as const)('%s is among the steps of each of its causes', (name, command) => {
    const causes = ROWS.filter(({ mitigations }) => mitigations.includes(name)).map(({ cause }) => cause);
    expect(causes.length).toBeGreaterThan(1);
    for (const cause of causes) {
      const commands = commandsOf(pageAfter([{ ...DEPLOY, deployId: 'd1', status: 'RUNNING' }], cause));
      expect(commands.filter((one) => command.test(one)).length, cause).toBeGreaterThan(0);
    }
  });
});

describe('a dry run', () => {
  const dry = { dryRun: true, stage: 'closed', closedAtMs: AT + 60_000 } as const;
  const calls = [{ service: 'elbv2', operation: 'ModifyTargetGroupAttributes', input: {} }];

  it.each([
    ['observe', 'restore-stickiness would not be carried out by a real run either, before a person asks for it.'],
    ['auto', 'restore-stickiness would be carried out.'],
  ] as const)('says what a real run would do in mode %s, and how to get it done', (mode, text) => {
    const page = pageWith(record('restore-stickiness', calls, { mode }), PLACE, dry);
    expect(page.done[0]?.text).toContain(text);
    expect(page.next[0]?.commands).toEqual([`./holdfast incidents run logged-out ${ON_AWS}`]);
  });

  it('is not carried out hours later', () => {
    const page = pageWith(record('restore-stickiness', calls), PLACE, { ...dry, closedAtMs: AT - 3_600_000 });
    expect(commandsOf(page).filter((command) => command.includes(' incidents run '))).toEqual([]);
  });
});

it.each([
  ['large-sessions', 'holdfast sweep --dry-run --full'],
  ['store-failing-over', 'holdfast store'],
] as const)('%s, where nothing is carried out, begins with %s', (cause, command) => {
  const storeGroup = { takenAtMs: AT, facts: { members: [{ node: 'holdfast-sessions-001', role: 'primary' }], events: [] } };
  const incident = anIncident({ mitigations: {}, finding: { ...FOUND, cause, about: { instanceId: 'i-0a1' } } });
  expect(pageOf(anInput({ incident, evidence: someEvidence({ storeGroup } as never) })).next[0]?.commands[0]).toContain(command);
});

it.each([
  ['store-full', 'aws elasticache list-allowed-node-type-modifications --replication-group-id holdfast-sessions '],
  ['timeout-too-short', './holdfast sweep --lives raise --dry-run '],
] as const)('%s has the command for what no mitigation does: %s', (cause, command) => {
  const storeGroup = { takenAtMs: AT, facts: { members: [{ node: 'holdfast-sessions-001', role: 'primary' }], events: [] } };
  const incident = anIncident({ mitigations: {}, finding: { ...FOUND, cause, about: { instanceId: 'i-0a1' } } });
  const commands = commandsOf(pageOf(anInput({ incident, evidence: someEvidence({ storeGroup } as never) })));
  expect(commands.filter((one) => one.startsWith(command))).toHaveLength(1);
});

it('looks at a full store, and at what larger types there are, and counts what can go', () => {
  const { next } = pageOf(anInput({ incident: anIncident({ mitigations: {}, finding: { ...FOUND, cause: 'store-full' } }) }));
  const at = (text: RegExp) => next.findIndex((one) => text.test(one.text));
  expect([at(/^See what fills the store/), at(/larger type/), at(/^Count the keys without a TTL/)]).toEqual([0, 0, 1]);
});

describe('the store that an alarm names, while no cause is known', () => {
  /** Users lose sessions since the first sign; of those that were begun since, so many at a server that had served them. */
  const losing = (atTheSameServer: number, now: number) => {
    const since = (at: number, more: object) => ({ routes: [], firstMs: SIGN_MS + 120_000 + at, requests: 9, begins: true, ...more });
    const lastMs = NOW_MS - 30_000;
    const before = Array.from({ length: 40 }, (_, at) => [
      `old-${at}`,
      { routes: [], firstMs: FROM_MS, lastMs: SIGN_MS - 120_000 + at * 3_000, requests: 9, lost: true },
    ]);
    const begun = Array.from({ length: 20 }, (_, at) => [`new-${at}`, since(at, { lastMs: lastMs - 1_000 })]);
    const same = begun.map(([id, trace], at) => [id, at < atTheSameServer ? { ...(trace as object), lastMs, lost: true } : trace]);
    const other = begun
      .slice(atTheSameServer)
      .map(([id]) => [id, since(0, { firstMs: lastMs, lastMs, lost: true, unknown: true, begins: false })]);
    const one = (name: string, sessions: unknown) => server(name, { access: access(name, { sessions: sessions as never }) });
    const readAt = (atMs: number, count: number) => [atMs / 1_000, count, count, 0, 0];
    return evidence({
      store: { nodes: [node('node-1', 'primary', { pingMs: 4 }), node('node-2', 'replica')] },
      servers: { servers: [one('i-1', Object.fromEntries([...before, ...same])), one('i-2', Object.fromEntries(other))] },
      readings: { minutes: [readAt(SIGN_MS - 1_200_000, 100), readAt(SIGN_MS + 120_000, now)] as never },
    });
  };

  it.each([
    ['of the same server, while the store has more of them', 12, 300, '12 of 20'],
    ['of the same server, and the store has no more than before', 12, 100, undefined],
    ['of another server, as with a secret of their own', 0, 300, undefined],
  ])('misses sessions where they are lost at requests %s', (_, atTheSameServer, now, missed) => {
    const facts = stepFacts(anIncident(), losing(atTheSameServer, now), PLACE);
    expect(facts.missed).toBe(missed);
  });

  it.each([['that misses what it has', losing(12, 300), /^12 of 20 sessions begun since are lost/]])(
    '(%s) decides what is first',
    (_, found, first) => {
      const finding: Finding = { verdict: 'unknown', candidates: [], missing: [], shown: [] };
      const incident = anIncident({ runbook: 'store-failure', mitigations: {}, finding });
      expect(pageOf(anInput({ incident, evidence: found })).next[0]?.text).toMatch(first);
    },
  );
});

it('restarts the servers that write to an old primary before a page hides what works, unless no primary takes writes', () => {
  const page = record('re-login-page', [{ service: 'elbv2', operation: 'CreateRule', input: {} }]);
  const finding = { ...FOUND, cause: 'store-connection-failures' } as const;
  const servers = ['i-0a1', 'i-0b2'].map((instanceId, at) => ({ instanceId, application: { readOnly: at === 0 ? 42 : 0 } }));
  const firstWith = (nodes: readonly object[]) => {
    const collected = {
      servers: { takenAtMs: AT, facts: { servers } },
      store: { takenAtMs: AT, facts: { nodes, dialects: [], sizes: {} } },
    };
    const incident = anIncident({ finding, mitigations: { [page.name]: page } });
    return pageOf(anInput({ incident, evidence: someEvidence(collected as never) })).next[0]?.commands[0];
  };
  expect(firstWith([node('node-1', 'primary')])).toBe(`./holdfast restart i-0a1 ${ON_AWS}`);
  expect(firstWith([unreachable('node-1'), unreachable('node-2')])).not.toMatch(/ restart /);
});

it('asks who changed stickiness before it is set back', () => {
  const one = record('restore-stickiness', [{ service: 'elbv2', operation: 'ModifyTargetGroupAttributes', input: {} }]);
  const changes = {
    takenAtMs: AT,
    facts: {
      completeUntilMs: AT,
      changes: [
        {
          atMs: AT - 120_000,
          event: 'ModifyTargetGroupAttributes',
          roleArn: 'an IAM user',
          eventId: 'e-1',
          resource: 'r',
          kind: 'stickiness',
          who: 'person',
        },
      ],
    },
  } as const;
  const { next } = pageOf(anInput({ incident: anIncident({ mitigations: { [one.name]: one } }), evidence: someEvidence({ changes }) }));
  expect(next[0]?.text).toBe(
    'If ModifyTargetGroupAttributes at 03:10 UTC was not meant, put it back first. This prints who, from where, and what.',
  );
  expect(next[1]?.commands[0]).toContain('incidents do inc-0123456789ab restore-stickiness');
});

describe('a failover', () => {
  const finding = { ...FOUND, cause: 'store-failing-over' } as const;
  const firstAfter = (nodes: readonly object[]) => {
    const evidence = someEvidence({ store: { takenAtMs: AT, facts: { nodes, dialects: [], sizes: {} } } } as never);
    return pageOf(anInput({ evidence, incident: anIncident({ finding, mitigations: {} }) })).next[0]?.text;
  };

  it('is waited for while no primary answers, and checked once one does', () => {
    expect(firstAfter([unreachable('node-1'), node('node-2', 'replica')])).toMatch(/^Wait: ElastiCache promotes a replica/);
    expect(firstAfter([node('node-1', 'replica'), node('node-2', 'primary')])).toMatch(/^The replica has taken over\./);
  });
});

describe('servers that still write to the old primary', () => {
  it('are restarted one after the other, by the ids that the logs name, once somebody has seen which node is the primary', () => {
    const finding = { ...FOUND, cause: 'store-refuses' } as const;
    const server = (instanceId: string, readOnly: number) => ({ instanceId, application: { readOnly } });
    const evidence = someEvidence({ servers: { takenAtMs: AT, facts: { servers: [server('i-0a1', 4), server('i-0b2', 0)] } } } as never);
    const [first, second] = pageOf(anInput({ evidence, incident: anIncident({ finding, mitigations: {} }) })).next;
    expect(first?.commands).toEqual([`./holdfast store ${ON_AWS}`]);
    expect(second?.commands).toEqual([`./holdfast restart i-0a1 ${ON_AWS}`]);
  });
});

const DEPLOY: DeployFacts['deploys'][number] = {
  deployId: 'd0',
  fleet: 'web',
  from: '1.4.1',
  to: '1.4.2',
  status: 'SUCCEEDED',
  startedAtMs: AT - 3_600_000,
  finishedAtMs: AT - 3_000_000,
};

const FOUND = { verdict: 'cause', confidence: 'likely', sentence: 'x', sinceMs: AT, because: [], wouldRefute: [], also: [] } as const;

function pageAfter(deploys: DeployFacts['deploys'], cause: Cause = 'unreadable-sessions') {
  const finding = { ...FOUND, cause };
  const incident = anIncident({ mitigations: {}, finding, fleet: undefined });
  return pageOf(anInput({ incident, evidence: someEvidence({ deploys: { takenAtMs: AT, facts: { deploys } } }) }));
}

describe('the way back to a release', () => {
  it('names both releases and the time, and the fleet of the deploy', () => {
    const { next } = pageAfter([{ ...DEPLOY, fleet: 'api' }]);
    expect(next[0]).toEqual({
      act: 'previous-release',
      text: 'If the trouble came with release 1.4.2 (deployed 2026-11-22 02:12:05 UTC), return to 1.4.1.',
      commands: ['./holdfast deploy 1.4.1 --fleet api --region eu-west-1 --installation live'],
    });
  });

  it('is the end of the deploy while that runs: its servers have the previous release again', () => {
    const running = { ...DEPLOY, deployId: 'd1', from: '1.4.2', to: '1.4.3', status: 'RUNNING' };
    expect(pageAfter([running, DEPLOY]).next[0]?.commands).toEqual([`./holdfast deploys abort d1 ${ON_AWS}`]);
  });

  it.each([
    ['the restart of one server', { from: '1.4.2', to: '1.4.2', restart: 'i-0a1' }],
    ['one that failed', { from: '1.4.2', to: '1.4.3', status: 'FAILED' }],
  ])('is not by %s', (_, more) => {
    expect(commandsOf(pageAfter([{ ...DEPLOY, ...more }, DEPLOY]))[0]).toMatch(/^\.\/holdfast deploy 1\.4\.1 /);
  });

  it('is to see when the release came where nothing was deployed before: a new release is no step for the night', () => {
    expect(commandsOf(pageAfter([{ ...DEPLOY, from: 'none' }]))[0]).toBe(`./holdfast deploys ${ON_AWS}`);
  });
});

it('begins with the incident of the store that explains it, while both are open', () => {
  const explained = { explainedBy: 'inc-00000000000a' };
  const [first] = pageOf(anInput({ incident: anIncident(explained) })).next;
  expect(first?.text).toContain('that explains this incident');
  expect(first?.commands).toEqual([`./holdfast incidents show inc-00000000000a ${ON_AWS}`]);
  const closed = pageOf(anInput({ incident: anIncident({ ...explained, closedAtMs: AT + 60_000 }) }));
  expect(commandsOf(closed).filter((command) => command.includes('inc-00000000000a'))).toEqual([]);
});

/** Every step of the tables, where all that it names is known. */
const ROWS_OF_TABLES = [...Object.values(SAYS).map(({ steps }) => steps), ...Object.values(CHANNEL_SAYS), NOTHING].flat();

it('a step of the tables is a sentence or two that fit a telephone, and its commands are known to the command line', () => {
  for (const row of ROWS_OF_TABLES) {
    if (row === 'mitigations' || 'undo' in row) continue;
    expect(row.text.length, row.text).toBeLessThanOrEqual(250);
    expect(row.text).toMatch(/[.!?]$/);
    for (const command of row.commands.filter((one) => !/^(?:aws |\{)/.test(one)))
      expect(
        () => parseCommand(`./holdfast ${command.replace('{onset}', '2026-11-22T03:00:00Z').replaceAll(/\{\w+\}/g, 'i-0a1')} --fleet web`),
        command,
      ).not.toThrow();
  }
});

it.each(Object.entries({ ...SAYS, ...CHANNEL_SAYS }))('%s has a first step that can be typed', (_, says) => {
  const rows = 'steps' in says ? says.steps : says;
  const first = rows.find((row) => row !== 'mitigations' && !('undo' in row));
  expect(typeof first === 'object' && 'commands' in first && first.commands.length).toBeTruthy();
});
