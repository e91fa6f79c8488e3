import { describe, expect, it } from 'vitest';
import { decidePin, type PinFacts } from '../../../../functions/deploy/sessions/decide-pin.ts';
import { judgeSessions } from '../../../../functions/deploy/sessions/judge-sessions.ts';
import { decideRelease, NOT_RELEASED } from '../../../../functions/deploy/sessions/unpin.ts';

const NOW = 10_000_000;
const LIMITS = { nowMs: NOW, lagMs: 60_000, registerMs: 360_000, goesBack: () => true };
const targets = (states: Record<string, string>) => Object.entries(states).map(([instanceId, state]) => ({ instanceId, state }));
const SESSIONS = { cookie: 'SID', route: 'i-1', count: 4 };

describe('the way to a pinned server', () => {
  const decide = (facts: Partial<PinFacts>) =>
    decidePin(
      {
        instanceId: 'i-1',
        pattern: undefined,
        wanted: 'one',
        drain: [],
        main: targets({ 'i-1': 'healthy', 'i-2': 'healthy' }),
        sessions: SESSIONS,
        phaseStartedAtMs: NOW - 5_000,
        isRollback: false,
        ...facts,
      },
      LIMITS,
    );
  it.each<[string, Partial<PinFacts>, string]>([
    ['joins the drain group first', {}, 'join'],
    ['joins it again while it leaves', { drain: targets({ 'i-1': 'draining' }) }, 'join'],
    ['waits until it is healthy there', { drain: targets({ 'i-1': 'initial' }) }, 'wait'],
    ['is not pinned when it serves nobody', { main: targets({ 'i-1': 'unhealthy' }) }, 'skip'],
    ['is not pinned when it fails meanwhile', { drain: targets({ 'i-1': 'unhealthy' }), main: targets({ 'i-1': 'unhealthy' }) }, 'skip'],
    ['gets the rule once it is healthy', { drain: targets({ 'i-1': 'healthy' }) }, 'pin'],
    [
      'waits until every node has the rule',
      { pattern: 'one', drain: targets({ 'i-1': 'healthy' }), sessions: { ...SESSIONS, pinnedAtMs: NOW - 59_000 } },
      'wait',
    ],
    ['waits from now when it does not know since when', { pattern: 'one', drain: targets({ 'i-1': 'healthy' }) }, 'wait'],
    [
      'leaves the main group then',
      { pattern: 'one', drain: targets({ 'i-1': 'healthy' }), sessions: { ...SESSIONS, pinnedAtMs: NOW - 60_000 } },
      'leaveMain',
    ],
    ['clears what another roll left', { pattern: 'two', drain: targets({ 'i-2': 'healthy' }) }, 'clear'],
    ['clears a group that is not empty', { drain: targets({ 'i-2': 'healthy' }) }, 'clear'],
  ])('%s', (_, facts, action) => expect(decide(facts).action).toBe(action));

  it('begins to wait anew when a deployment of the templates has reset the rule', () => {
    const again = decide({ drain: targets({ 'i-1': 'healthy' }), sessions: { ...SESSIONS, pinnedAtMs: NOW - 60_000 } });
    expect(again.action).toBe('pin');
    expect(again.sessions, 'the caller knows when its call has ended').not.toHaveProperty('pinnedAtMs');
  });

  it('takes the rule from a server that fails with it: the only target of a group gets sessions whatever its health is', () => {
    const failed = decide({ pattern: 'one', drain: targets({ 'i-1': 'unhealthy' }), sessions: { ...SESSIONS, pinnedAtMs: NOW - 5_000 } });
    expect(failed).toMatchObject({ action: 'clear', release: { action: 'release' } });
  });

  it('gives up when the server does not become healthy in the drain group', () => {
    expect(() => decide({ drain: targets({ 'i-1': 'initial' }), phaseStartedAtMs: NOW - 360_000 })).toThrow(
      /still initial in the drain group 360 s/,
    );
  });

  it('gives up when the server cannot join the drain group: its address drains there', () => {
    const late = { drain: targets({ 'i-1': 'draining' }), phaseStartedAtMs: NOW - 359_000 };
    expect(decide(late).action).toBe('join');
    expect(() => decide({ ...late, phaseStartedAtMs: NOW - 360_000 })).toThrow(
      expect.objectContaining({ name: 'PinTimedOut', message: expect.stringContaining('still draining in the drain group 360 s') }),
    );
  });

  it('does not stop a rollback, which goes on without its sessions', () => {
    const late = { drain: targets({ 'i-1': 'initial' }), phaseStartedAtMs: NOW - 360_000, isRollback: true };
    expect(decide(late).action).toBe('giveUp');
  });
});

describe('the way out of the drain rule', () => {
  const pinned = { pattern: 'one', drain: targets({ 'i-1': 'healthy' }) };
  it('ends where nothing is pinned', () => {
    expect(decideRelease({ pattern: undefined, drain: targets({ 'i-1': 'draining' }), main: [] }, NOT_RELEASED, LIMITS).action).toBe(
      'done',
    );
  });

  it('registers an address in the main group again and again while its deregistration delay lasts there, and no longer than it waits at all', () => {
    const waiting = { ...NOT_RELEASED, waitingSinceMs: NOW - 50_000, awaitsDelay: true as const };
    const at = (nowMs: number) => decideRelease({ ...pinned, main: targets({ 'i-1': 'draining' }) }, waiting, { ...LIMITS, nowMs });
    expect(at(NOW)).toMatchObject({ action: 'register', targets: [{ instanceId: 'i-1' }], progress: { waitingSinceMs: NOW - 50_000 } });
    expect(at(NOW).progress.awaitsDelay).toBeUndefined();
    expect(at(NOW - 50_000 + LIMITS.registerMs + LIMITS.lagMs).action).toBe('release');
  });

  it('keeps the sessions: the server is in the main group, healthy and known to every node, before the rule is released', () => {
    const out = decideRelease({ ...pinned, main: targets({ 'i-1': 'draining' }) }, NOT_RELEASED, LIMITS);
    expect(out).toMatchObject({ action: 'register', targets: [{ instanceId: 'i-1' }], progress: { waitingSinceMs: NOW } });
    const back = decideRelease({ ...pinned, main: targets({ 'i-1': 'healthy' }) }, { ...out.progress, healthySinceMs: 0 }, LIMITS);
    expect(back).toMatchObject({ action: 'wait', progress: { healthySinceMs: NOW } });
    const later = { ...LIMITS, nowMs: NOW + 60_000 };
    expect(decideRelease({ ...pinned, main: targets({ 'i-1': 'healthy' }) }, back.progress, later)).toMatchObject({
      action: 'release',
      progress: { neutralSinceMs: 0 },
    });
  });

  it('waits for a server that is still shown as draining: it can be so until the deregistration delay has passed', () => {
    const before = { ...NOT_RELEASED, waitingSinceMs: NOW - 300_000 };
    expect(decideRelease({ ...pinned, main: targets({ 'i-1': 'draining' }) }, before, LIMITS).action).toBe('wait');
  });

  it('waits for a server that comes back no longer than a registration', () => {
    const before = { ...NOT_RELEASED, waitingSinceMs: NOW - 420_000 };
    expect(decideRelease({ ...pinned, main: targets({ 'i-1': 'unhealthy' }) }, before, LIMITS).action).toBe('release');
  });

  it.each([
    ['has failed', targets({ 'i-1': 'unhealthy' }), () => true],
    ['is gone', [], () => true],
    ['does not go back', targets({ 'i-1': 'healthy' }), () => false],
  ])('releases a server at once that %s', (_, drain, goesBack) => {
    expect(decideRelease({ pattern: 'one', drain, main: [] }, NOT_RELEASED, { ...LIMITS, goesBack }).action).toBe('release');
  });

  it('empties the group once every node follows the rule, for a node that does not would answer 503', () => {
    const neutral = { pattern: undefined, drain: targets({ 'i-1': 'healthy', 'i-2': 'unhealthy' }), main: [] };
    const first = decideRelease(neutral, NOT_RELEASED, LIMITS);
    expect(first).toMatchObject({ action: 'wait', progress: { neutralSinceMs: NOW } });
    const last = decideRelease(neutral, first.progress, { ...LIMITS, nowMs: NOW + 60_000 });
    expect(last).toMatchObject({ action: 'leave', targets: [{ instanceId: 'i-1' }, { instanceId: 'i-2' }] });
  });
});

describe('the wait for sessions', () => {
  const facts = { count: 3, state: 'healthy', endDrain: false, sinceMs: NOW - 90_000, nowMs: NOW, longestMs: 1_920_000, lagMs: 60_000 };
  it.each([
    ['goes on while there are some', {}, undefined],
    ['goes on while the count cannot be read', { count: undefined }, undefined],
    ['ends when there is none', { count: 0 }, 'gone'],
    ['goes on without one while a node can still begin some', { count: 0, sinceMs: NOW - 59_000 }, undefined],
    ['ends when its time is up', { sinceMs: NOW - 1_920_000 }, 'timeout'],
    ['ends by hand', { endDrain: true }, 'endedByHand'],
    ['ends when the server has failed', { state: 'unhealthy', count: 0, detail: 'Target.Timeout: Request timed out' }, 'serverFailed'],
    ['goes on after one fault of the load balancer’s own check', { state: 'unhealthy', detail: 'Elb.InternalError: x' }, undefined],
    ['goes on when health is not known once', { state: 'unavailable' }, undefined],
    ['ends after the second in a row', { state: 'unhealthy', detail: 'Elb.InternalError: x', isRepeated: true }, 'serverFailed'],
  ])('%s', (_, more, end) => expect(judgeSessions({ ...facts, ...more })).toBe(end));
});
