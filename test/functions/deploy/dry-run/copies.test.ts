/** What a dry run asks the servers of a Tomcat cluster, and what it makes of their answers. */
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { isLasting, judgeCopies, LASTING, PASSING, UNWRITABLE } from '../../../../functions/deploy/dry-run/plan-servers.ts';
import { compareCopies } from '../../../../functions/instance/ask-servers.ts';
import type { CopiesSeen } from '../../../../functions/instance/steps/sessions.ts';
import type { Commands } from '../../../../functions/shared/aws/commands.ts';
import { POLL_ONCE } from '../../../../functions/shared/poll.ts';
import { createClock, RELEASE } from '../../fakes/fixtures.ts';
import { type AFleet, aFleet, dryRun } from './a-fleet.ts';

const CLOSED = '10.0.0.2:4000 is not reached: its port is closed, or it does not run';
const OTHER_KEY =
  '10.0.0.3:4000 sends messages that this server cannot read, or somebody does in its name: it has another key, another version of Tomcat, or a clock that is off by more than 10 s';
const UNREADABLE = '10.0.0.2:4000 could not read 3 copies (InvalidClassException: Basket; local class incompatible: stream classdesc)';
const LACKS = '10.0.0.2:4000 lacks 3 sessions';

describe('a reason', () => {
  it.each([
    ['a closed port', CLOSED, true],
    ['another key', `${CLOSED}; ${OTHER_KEY}`, true],
    ['copies that a member cannot read', `${LACKS}; ${UNREADABLE}`, true],
    ['a session that cannot be written', `${LACKS}; some cannot be written here (NotSerializableException: Basket)`, true],
    ['a member that has no copy yet', LACKS, false],
    ['a member that has no copy yet, next to one that is not reached', `${CLOSED.replace('.2:', '.3:')}; ${LACKS}`, false],
    ['a member that does not answer', '10.0.0.2:4000 does not answer', false],
    ['a comparison that takes long', '/status?copies returns status 503', false],
    ["an application's own words", 'the port is closed', false],
    ['none', undefined, false],
  ])('of %s: %s lasts: %s', (_what, reason, lasts) => {
    expect(isLasting(reason)).toBe(lasts);
  });

  it('is known by the words of the release itself', () => {
    const java = ['SessionCopies', 'LoneSessions'].map((name) => readFileSync(`server/tomcat/java/holdfast/${name}.java`, 'utf8')).join('');
    for (const words of [...LASTING, ...PASSING, UNWRITABLE]) expect(java).toContain(words);
  });
});

const judged = (seen: CopiesSeen | undefined, { recover = false, isRolled = true } = {}) =>
  judgeCopies({ copies: [{ instanceId: 'i-1', seen }], toRoll: isRolled ? [{ instanceId: 'i-1' } as never] : [], recover });
const ALONE = { alone: 3, reason: CLOSED };

describe('what servers answer of their copies', () => {
  it('is a problem, in the words of the deploy, where a wait cannot help', () => {
    expect(judged(ALONE)).toEqual({ problems: [`i-1 has 3 sessions that no other server holds: ${CLOSED}`], warnings: [] });
  });

  it.each<[string, CopiesSeen | undefined, RegExp]>([
    [
      'sessions that are alone for now',
      { alone: 2, reason: LACKS },
      /^i-1 has 2 sessions that no other server holds: .* lacks 3 sessions\. This/,
    ],
    ['sessions that are alone for no reason', { alone: 2 }, /^i-1 has 2 sessions that no other server holds\. This/],
    [
      'an answer without a number',
      { reason: 'status 503' },
      /^i-1 does not say which of its sessions other servers hold: status 503\. This/,
    ],
    ['no answer', undefined, /^i-1 does not say which .*: it did not answer\. This .* up to 60 s, and ends before it stops the server/],
  ])('is a warning with %s, never 0', (_what, seen, words) => {
    expect(judged(seen)).toEqual({ problems: [], warnings: [expect.stringMatching(words)] });
  });

  it.each<[string, object, RegExp]>([
    [
      'of a deploy that stops servers all the same',
      { recover: true },
      /recovers the fleet waits for up to 60 s and stops the server all the same/,
    ],
    ['of a server that has the release already', { isRolled: false }, /leaves this server alone/],
  ])('is a warning %s', (_what, more, words) => {
    expect(judged(ALONE, more)).toEqual({ problems: [], warnings: [expect.stringMatching(words)] });
  });

  it.each<[string, CopiesSeen]>([
    ['a server whose sessions are held elsewhere', { alone: 0 }],
    ['a placeholder', { placeholder: true }],
  ])('is nothing of %s', (_what, seen) => {
    expect(judged(seen)).toEqual({ problems: [], warnings: [] });
  });
});

describe('the question', () => {
  /** What each server prints, one line per question; a server without one does not answer. */
  let printed: Record<string, object[]>;
  let sent: [string, object][];
  let pausedMs: number[];
  const clock = createClock();
  beforeEach(() => {
    [printed, sent, pausedMs] = [{}, [], []];
  });
  const commands: Commands = {
    send: async ({ instanceId, parameters }) => `c-${sent.push([instanceId, parameters])}`,
    describe: async (_id, instanceId) => {
      const line = printed[instanceId]?.shift();
      if (!line) return { state: 'running' };
      const output = JSON.stringify({ upInARow: 0, attempts: 0, lastAnswer: 'not checked', version: '1.0.0', ...line });
      return { state: 'succeeded', statusDetails: 'Success', output, errorOutput: '' };
    },
  };
  const polling = { ...POLL_ONCE, pause: async (ms: number) => void pausedMs.push(ms) };
  const compare = async (ids: readonly string[], ms = 45_000) =>
    Object.fromEntries(await compareCopies({ commands, observeDocument: 'observe', polling, now: clock.now })(ids, clock.nowMs + ms));

  it('is asked once of a server that says 0, or has no release, and reads nothing else', async () => {
    printed = { 'i-1': [{ sessionsAlone: 0 }], 'i-2': [{ version: 'none', sessionsReason: 'none' }] };
    expect(await compare(['i-1', 'i-2'])).toMatchObject({ 'i-1': { alone: 0 }, 'i-2': { placeholder: true } });
    expect(sent).toEqual(
      ['i-1', 'i-2'].map((id) => [id, { attempts: '0', intervalSeconds: '0', confirmSeconds: '0', sessions: 'copies' }]),
    );
    expect(pausedMs).toEqual([]);
  });

  it('is asked once more, and the later answer counts; a server that is silent then keeps its first one', async () => {
    printed = {
      'i-1': [{ sessionsAlone: 1, sessionsReason: LACKS }, { sessionsAlone: 0 }],
      'i-2': [{ sessionsReason: 'status 503' }, { sessionsAlone: 2, sessionsReason: CLOSED }],
      'i-3': [{ sessionsAlone: 4, sessionsReason: CLOSED }],
      'i-4': [],
    };
    expect(await compare(['i-1', 'i-2', 'i-3', 'i-4'])).toEqual({
      'i-1': { alone: 0 },
      'i-2': { alone: 2, reason: CLOSED },
      'i-3': { alone: 4, reason: CLOSED },
    });
    expect([sent.length, pausedMs]).toEqual([8, [5_000]]);
  });

  it('is not asked again when the time is over', async () => {
    printed = { 'i-1': [{ sessionsAlone: 1 }, { sessionsAlone: 0 }] };
    expect(await compare(['i-1'], 5_000)).toEqual({});
    expect(await compare(['i-1'], 5_001)).toEqual({ 'i-1': { alone: 0 } });
  });
});

describe('a dry run of a cluster', () => {
  let world: AFleet;
  let asked: readonly string[][];
  beforeEach(async () => {
    world = await aFleet();
    asked = [];
    const copies = { sessionsAlone: { path: '/status', field: 'sessionsAlone' } };
    await world.records.putRelease({ ...RELEASE, version: '1.5.0', app: { ...RELEASE.app, copies } });
    for (const instanceId of ['i-1', 'i-2']) await world.records.putInstance('web', { instanceId, version: '1.5.0', installedAtMs: 2 });
  });
  const answering = (seen: Record<string, CopiesSeen>) =>
    dryRun(world, {
      compareCopies: async (ids) => {
        asked = [...asked, [...ids]];
        return new Map(Object.entries(seen));
      },
    });

  it('asks the servers whose own release copies sessions, lists what each answers, and is refused as the deploy would be', async () => {
    const { copies, refusals, unchecked } = await answering({ 'i-1': ALONE, 'i-2': { alone: 0 } });
    expect(asked).toEqual([['i-1', 'i-2']]);
    expect(copies).toEqual([
      { instanceId: 'i-1', sessionsAlone: 3, reason: CLOSED },
      { instanceId: 'i-2', sessionsAlone: 0 },
    ]);
    expect(refusals).toEqual([
      { check: 'copies', error: 'SessionsAlone', message: `i-1 has 3 sessions that no other server holds: ${CLOSED}` },
    ]);
    expect(unchecked.map(({ check }) => check)).toEqual(['commands', 'release']);
  });

  it('of the release that servers have asks them too, and refuses nothing: nobody is stopped', async () => {
    world.input.version = '1.5.0';
    const { copies, refusals, warnings } = await answering({ 'i-1': ALONE });
    expect(copies).toEqual([
      { instanceId: 'i-1', sessionsAlone: 3, reason: CLOSED },
      { instanceId: 'i-2', reason: 'it did not answer' },
    ]);
    expect(refusals).toEqual([]);
    for (const id of ['i-1', 'i-2'])
      expect(warnings).toContainEqual(expect.stringMatching(new RegExp(`^${id} .* leaves this server alone`)));
  });

  it('asks no server that serves nobody, and nobody in a fleet without copies', async () => {
    world.health['i-1'] = 'unhealthy';
    expect((await answering({ 'i-2': { placeholder: true } })).copies).toBeUndefined();
    expect(asked).toEqual([['i-2']]);
    await world.records.putInstance('web', { instanceId: 'i-2', version: '1.0.0', installedAtMs: 3 });
    await answering({});
    expect(asked).toEqual([['i-2']]);
  });
});
