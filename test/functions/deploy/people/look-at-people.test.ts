/** Looks at people during a bake: when, on which servers, and what becomes of a verdict. */
import { beforeEach, expect, it } from 'vitest';
import type { DeployContext } from '../../../../functions/deploy/contract/common.ts';
import type { Roll } from '../../../../functions/deploy/contract/roll.ts';
import { lookAtPeople, lookByBalancer } from '../../../../functions/deploy/people/look-at-people.ts';
import type { PeopleAnswer, PeopleOutput, PeopleParameters } from '../../../../functions/people/contract.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { TargetProgress } from '../../../../functions/records/types.ts';
import { beginDeploy, createClock, DEPLOY, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const NONE = '0 0 0 0';
const FINE = '0 40 0 40';
/** The people of rows: of each kind, the first ones were asked about, and the first of these had the trouble. */
function peopleOf(rows: readonly string[]): string[] {
  const counts = rows.map((row) => row.split(' ').map(Number));
  const bits = (user: number, column: number) => counts.reduce((all, row, kind) => all | (user < (row[column] ?? 0) ? 1 << kind : 0), 0);
  return Array.from({ length: Math.max(...counts.map(([, of = 0]) => of)) }, (_, user) =>
    [user.toString(16).padStart(12, '0'), bits(user, 1).toString(16), bits(user, 0).toString(16)].join(' '),
  );
}
const output = (turnedAway: string, change: Partial<PeopleAnswer> = {}): PeopleOutput => {
  const { now = [turnedAway, FINE, NONE, NONE, FINE] } = change;
  const people: PeopleAnswer = {
    ...{ showsSessions: true, lastMs: START_MS + 5_000, partial: false, named: [900, 40], people: peopleOf(now), now },
    before: ['0 400 0 900', '0 400 0 900', NONE, NONE, '0 400 0 900'],
    paths: ['turnedAway /account 302 20'],
    ...change,
  };
  return { release: '2.0.0', people, gaps: [] };
};
const HURT = output('20 20 20 20');

const target = (phase: TargetProgress['phase'], order: number): TargetProgress => ({
  ...{ phase, order, fromVersion: '1.0.0', healthBefore: 'healthy', phaseStartedAtMs: START_MS },
  phases: phase === 'waiting' ? [] : [{ phase: 'registering', startedAtMs: START_MS - 1_000 }],
});
const ROLL: Roll = { instanceId: 'i-1', phaseStartedAtMs: START_MS, quietSeconds: 1 };
const SETTINGS = { ...DEPLOY.settings, onPeople: 'stop' } as const;

let records: Records;
let clock: ReturnType<typeof createClock>;
let sent: { readonly ids: readonly string[]; readonly parameters: PeopleParameters }[];
beforeEach(() => {
  records = memoryRecords();
  clock = createClock();
  sent = [];
});

const advance = (ms: number): void => {
  clock.nowMs += ms;
};

interface Given {
  readonly answers?: Readonly<Record<string, PeopleOutput | undefined | Error>>;
  readonly targets?: Readonly<Record<string, TargetProgress>>;
  readonly deploy?: Partial<DeployContext>;
  readonly isRollback?: boolean;
  readonly bakeSeconds?: number;
  readonly refuses?: (ids: readonly string[]) => Error | undefined;
  /** When the bake's own check ends. */
  readonly endsMs?: number;
  readonly verdict?: 'DONE' | 'REPEAT';
}

const THREE = { 'i-1': target('baking', 0), 'i-2': target('waiting', 1), 'i-3': target('waiting', 2) };
async function look({ answers = {}, targets = THREE, deploy = {}, bakeSeconds = 15, refuses, ...given }: Given) {
  await beginDeploy(records, DEPLOY, targets);
  const endsMs = START_MS + (given.endsMs ?? bakeSeconds * 1000);
  return lookAtPeople(
    {
      records,
      responses: async () => [],
      now: clock.now,
      polling: { pausesMs: [], pause: async (ms) => advance(ms) },
      commands: {
        sendPeople: async (ids, parameters) => {
          const refused = refuses?.(ids);
          if (refused) throw refused;
          sent.push({ ids, parameters });
          return `people-${sent.length}`;
        },
        readPeople: async ({ instanceId }) => {
          const answer = answers[instanceId];
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
    },
    {
      deploy: { ...DEPLOY, settings: SETTINGS, ...deploy },
      roll: ROLL,
      releases: { version: '2.0.0', fromVersion: '1.0.0', isRollback: given.isRollback ?? false },
      bakeSeconds,
      verdict: () => (clock.nowMs >= endsMs ? (given.verdict ?? 'DONE') : undefined),
    },
  );
}
const recorded = async () =>
  (await records.getDeploy(DEPLOY.fleet, DEPLOY.deployId)) as NonNullable<Awaited<ReturnType<Records['getDeploy']>>>;

it('stops at the first look, five seconds after the first healthy answer', async () => {
  await expect(look({ answers: { 'i-1': HURT, 'i-2': output(FINE), 'i-3': output(FINE) } })).rejects.toMatchObject({
    name: 'UsersTurnedAway',
    message:
      'with release 2.0.0 on i-1, 20 of 20 people were sent to another page, most of them at /account (302); before it was 0 of 1200. Who was sent to the login page may have to log in again. If the release does this by intent, deploy it with --expect turned-away',
  });
  expect(clock.nowMs).toBeLessThan(START_MS + 7_000);
  expect(sent.map(({ ids }) => ids)).toEqual([['i-1', 'i-2', 'i-3']]);
  expect(sent[0]?.parameters).toMatchObject({
    fromMs: String(START_MS - 601_000),
    untilMs: String(START_MS - 1_000),
    sinceMs: String(START_MS - 1_000),
    toMs: String(START_MS + 5_000),
  });
  expect((await recorded()).people).toMatchObject({ source: 'access log', servers: 3, verdict: 'hurt', unit: 'people' });
});

it('looks twice in a bake, and keeps what people met before', async () => {
  const fine = { 'i-1': output(FINE), 'i-2': output(FINE), 'i-3': output(FINE) };
  expect(await look({ answers: fine })).toMatchObject({ looks: 2 });
  expect(sent.map(({ parameters }) => Number(parameters.toMs) - START_MS)).toEqual([5_000, 12_100]);
  expect((await recorded()).people).toMatchObject({ verdict: 'fine', before: { turnedAway: { hurt: 0, of: 1_200 } } });
});

it.each([
  ['a rollback', { isRollback: true }],
  ['a restart', { deploy: { restart: 'i-1' } }],
  ['a fleet that has it reported', { deploy: { settings: { ...SETTINGS, onPeople: 'report' } } }],
  ['a release that was expected to', { deploy: { expect: 'turned-away' } }],
] as const)('%s goes on, and the record says it', async (_, given) => {
  await look({ answers: { 'i-1': HURT }, ...(given as Given) });
  expect((await recorded()).warnings).toEqual([
    'With release 2.0.0 on i-1, 20 of 20 people were sent to another page, most of them at /account (302); before it was 0 of 400.',
  ]);
});

it('expected pages without parts do not cover people who are turned away', async () => {
  await expect(look({ answers: { 'i-1': HURT }, deploy: { expect: 'pages' } })).rejects.toMatchObject({ name: 'UsersTurnedAway' });
});

it('nothing expected covers errors of the server', async () => {
  const errors = output(FINE, { now: [FINE, FINE, NONE, NONE, '20 20 20 20'] });
  for (const expect_ of ['pages', 'turned-away'] as const)
    await expect(look({ answers: { 'i-1': errors }, deploy: { expect: expect_ } })).rejects.toMatchObject({
      name: 'PagesBroken',
      message: expect.not.stringContaining('--expect'),
    });
});

it('the baseline of the first bake counts for the servers after it', async () => {
  const known = { turnedAway: { hurt: 0, of: 500 }, refused: FINE, newSession: FINE, missingParts: FINE, serverErrors: FINE };
  await beginDeploy(records, DEPLOY, { 'i-1': target('baking', 1), 'i-2': target('done', 0) });
  const people = { source: 'access log', servers: 2, verdict: 'fine', detail: '', unit: 'people', before: known } as never;
  await records.updateDeploy(DEPLOY.fleet, DEPLOY.deployId, { people });
  const empty = output('20 20 20 20', { before: [NONE, NONE, NONE, NONE, NONE] });
  await expect(look({ answers: { 'i-1': empty, 'i-2': empty } })).rejects.toMatchObject({
    message: expect.stringContaining('before it was 0 of 500'),
  });
});

it('an agent that is not heard leaves the server that bakes', async () => {
  const refused = Object.assign(new Error('not in a valid state'), { name: 'InvalidInstanceId' });
  const refuses = (ids: readonly string[]) => (ids.length > 1 ? refused : undefined);
  await expect(look({ answers: { 'i-1': HURT }, refuses })).rejects.toMatchObject({ name: 'UsersTurnedAway' });
  expect(sent.map(({ ids }) => ids)).toEqual([['i-1']]);
});

it('a server without an answer is not waited for longer than six seconds', async () => {
  await expect(look({ answers: { 'i-1': HURT, 'i-2': output(FINE) } })).rejects.toMatchObject({ name: 'UsersTurnedAway' });
  expect(clock.nowMs).toBeLessThan(START_MS + 12_000);
});

it.each([
  [
    'no log',
    { 'i-1': { release: '2.0.0', gaps: ["the release's contract names no logs.access"] } },
    "i-1: the release's contract names no logs.access",
  ],
  ['a document that fails', { 'i-1': new Error('access-log on i-1 ended as Failed') }, 'i-1: Error: access-log on i-1 ended as Failed'],
] as const)('%s: people are unchecked, and the deploy goes on', async (_, answers, detail) => {
  expect(await look({ answers: answers as NonNullable<Given['answers']> })).toMatchObject({ looks: 2 });
  expect((await recorded()).people).toEqual({ source: 'access log', servers: 0, verdict: 'unchecked', detail });
});

it('the right to send the document is missing: unchecked', async () => {
  const refuses = () => Object.assign(new Error('not authorized to perform ssm:SendCommand'), { name: 'AccessDeniedException' });
  await look({ refuses });
  expect((await recorded()).people).toMatchObject({ verdict: 'unchecked', detail: expect.stringContaining('ssm:SendCommand') });
});

it('the first bake grows by three seconds at most for an answer that does not come; later ones by none', async () => {
  await look({ answers: {} });
  expect(clock.nowMs).toBeLessThanOrEqual(START_MS + 18_500);
  [records, clock] = [memoryRecords(), createClock()];
  await look({ answers: {}, targets: { ...THREE, 'i-2': target('done', 0) } });
  expect(clock.nowMs).toBeLessThanOrEqual(START_MS + 15_500);
});

it('goes on from where the last step was', async () => {
  const progress = await look({ answers: {}, endsMs: 6_000, verdict: 'REPEAT' });
  expect(progress).toMatchObject({ looks: 0, commandId: 'people-1', fresh: ['i-1'], old: ['i-2', 'i-3'] });
});

it.each([
  [2, [1_000]],
  [0, [0]],
])('a bake of %i s has one look', async (bakeSeconds, times) => {
  await look({ answers: { 'i-1': output(FINE) }, bakeSeconds });
  expect(sent.map(({ parameters }) => Number(parameters.toMs) - START_MS)).toEqual(times);
});

it('too few to judge is said', async () => {
  const few = output('2 2 2 2', { now: ['2 2 2 2', '2 2 2 2', NONE, NONE, '2 2 2 2'] });
  await look({ answers: { 'i-1': few } });
  expect((await recorded()).people).toMatchObject({
    verdict: 'tooFew',
    detail: 'i-1 had 2 people with a session since it was registered: 5 or more are needed, for pages that were served before',
  });
});

it('page parts of other servers are no people of the one that bakes', async () => {
  const none = output(NONE, { now: [NONE, NONE, NONE, '80 80 80 80', NONE] });
  await look({ answers: { 'i-1': none } });
  expect((await recorded()).people).toMatchObject({ verdict: 'tooFew', detail: expect.stringMatching(/^i-1 had 0 people with a session/) });
});

const minute = (minuteMs: number, target3xx: number, target4xx = 0) => ({
  ...{ minuteMs, requests: 300, target3xx, target4xx, target5xx: 0, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 },
});
const BEGIN_MS = Math.floor(START_MS / 60_000) * 60_000;
/** An hour with few redirects, and as many as given in the minutes after. */
const metrics =
  (...after: readonly [number, number?]) =>
  async (fromMs: number, toMs: number) =>
    Array.from({ length: (toMs - fromMs) / 60_000 }, (_, at) => fromMs + at * 60_000).map((at) =>
      at < BEGIN_MS ? minute(at, 9) : minute(at, ...after),
    );

async function byBalancer(
  after: number,
  { refused = 0, deploy = {}, targets = THREE }: Pick<Given, 'deploy' | 'targets'> & { readonly refused?: number } = {},
) {
  await beginDeploy(records, DEPLOY, targets);
  const people = { source: 'load balancer', servers: 3, verdict: 'planned', detail: '' } as const;
  await records.updateDeploy(DEPLOY.fleet, DEPLOY.deployId, { people });
  clock.nowMs = START_MS + 180_000;
  const look = { deploy: { ...DEPLOY, settings: SETTINGS, ...deploy }, roll: ROLL, bakeSeconds: 150, verdict: () => 'DONE' as const };
  const releases = { version: '2.0.0', fromVersion: '1.0.0', isRollback: false };
  await lookByBalancer({ records, now: clock.now, responses: metrics(after, refused) }, { ...look, releases });
}

it('without an access log, the load balancer’s metrics stop a release that redirects a third of the requests', async () => {
  await expect(byBalancer(110)).rejects.toMatchObject({
    name: 'UsersTurnedAway',
    message: expect.stringMatching(
      /^with release 2\.0\.0 on i-1, \d+ of \d+ requests at the load balancer, which are those of all servers, were sent to another page, or had it unchanged; before it was 540 of 18000\./,
    ),
  });
  expect((await recorded()).people).toMatchObject({ source: 'load balancer', servers: 3, verdict: 'hurt' });
});

it('what they show of 4xx can be what does not exist', async () => {
  await expect(byBalancer(9, { refused: 110 })).rejects.toMatchObject({
    message: expect.stringMatching(
      /, \d+ of \d+ requests at the load balancer, which are those of all servers, were refused or found nothing; before it was 0 of 18000\./,
    ),
  });
});

it('they stop nothing that goes on as before, nor twice in a deploy', async () => {
  await byBalancer(9);
  expect((await recorded()).people).toMatchObject({ source: 'load balancer', verdict: 'fine' });
  records = memoryRecords();
  await byBalancer(110, { targets: { ...THREE, 'i-2': target('done', 0) } });
  expect((await recorded()).people).toMatchObject({ verdict: 'planned' });
});
