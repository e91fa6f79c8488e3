/** How sure a cause can be said to be, by what it explains of the trouble: each share, onset and channel of it decides something. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { yes } from '../../../../functions/incidents/classify/judged.ts';
import { rowOf } from '../../../../functions/incidents/classify/rows.ts';
import { reachOf, sharesOf } from '../../../../functions/incidents/classify/share.ts';
import type { Cause } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence, Source } from '../../../../functions/incidents/contract/evidence.ts';
import { access, evidence, FROM_MS, IN_MEMORY, SIGN_MS, server, minutesWith as since, traces, unreachable } from '../healthy-evidence.ts';
import { lostSince, REPLACED_BEFORE, rolling } from './case.ts';

const MINUTE = 60_000;
/** Of needs that hold since shortly before the trouble, by what the sources of two kinds show, or by these. */
const reach = (
  cause: Cause,
  planted: Evidence,
  sources: readonly Source[] = ['servers', 'balancer'],
  sinceMs: number | null = SIGN_MS - 6 * MINUTE,
) => {
  const row = rowOf(cause);
  if (row === undefined) throw new Error(cause);
  return reachOf({ row, needs: sources.map((source) => yes(source, 'it is so', sinceMs ?? undefined)) }, planted);
};
const losing = (fromMs: number, ids = ['i-1', 'i-2']) => ({
  servers: ['i-1', 'i-2'].map((id) =>
    server(id, { access: access(id, { sessions: { ...traces(id, 20), ...(ids.includes(id) ? lostSince(id, fromMs, 12) : {}) } }) }),
  ),
});
const deploying = { deploys: { deploys: [rolling] }, balancer: IN_MEMORY };

describe('a cause', () => {
  it('is certain where it explains all that hurts, and nothing hurts besides', () => {
    expect(reach('deploy-in-progress', evidence({ ...deploying, servers: losing(SIGN_MS - 5 * MINUTE) }))).toBe('certain');
  });

  it('is certain by what the store shows where nobody is hurt', () => {
    expect(reach('store-down', evidence({ store: { nodes: [unreachable('node-1')] } }))).toBe('certain');
  });

  it('is likely while a channel is in trouble that it cannot explain', () => {
    const planted = evidence({ ...deploying, servers: losing(SIGN_MS - 5 * MINUTE), traffic: since(4, { requests: 90, elb4xx: 10 }) });
    expect(reach('deploy-in-progress', planted)).toBe('likely');
  });

  it('is a part where that channel hurts most', () => {
    const planted = evidence({ ...deploying, servers: losing(SIGN_MS - 5 * MINUTE), traffic: since(4, { requests: 30, elb4xx: 70 }) });
    expect(reach('deploy-in-progress', planted)).toBe('part');
  });

  it('is likely where the trouble began well after it was over', () => {
    const deploys = [{ ...rolling, status: 'SUCCEEDED', startedAtMs: SIGN_MS - 20 * MINUTE, finishedAtMs: SIGN_MS - 12 * MINUTE }];
    expect(reach('deploy-in-progress', evidence({ ...deploying, deploys: { deploys }, servers: losing(SIGN_MS - 5 * MINUTE) }))).toBe(
      'likely',
    );
  });

  it('is a part where most was lost before it', () => {
    const planted = evidence({ ...deploying, servers: losing(SIGN_MS - 40 * MINUTE) });
    expect(reach('deploy-in-progress', planted)).not.toBe('certain');
    expect(sharesOf(rowOf('deploy-in-progress') as never, planted)[0]?.least).toBeLessThan(0.5);
  });

  it('of one server explains what that server shows alone', () => {
    const cut = (ids: string[]) =>
      evidence({
        servers: {
          servers: losing(SIGN_MS - 5 * MINUTE, ids).servers.map((one) =>
            one.instanceId === 'i-1' ? { ...one, store: { reachable: false, error: 'ETIMEDOUT' } } : one,
          ),
        },
      });
    expect(reach('server-partitioned', cut(['i-1']))).toBe('certain');
    // Less than a fifth is not named.
    expect(reach('server-partitioned', cut(['i-2']))).toBe('none');
  });

  it('is certain from four fifths on, likely from the half, and a part from a fifth', () => {
    const lost = (here: number, elsewhere: number) => {
      const [one, other] = [lostSince('i-1', SIGN_MS - 5 * MINUTE, here), lostSince('i-2', SIGN_MS - 5 * MINUTE, elsewhere)];
      const servers = [
        server('i-1', { store: { reachable: false }, access: access('i-1', { sessions: { ...traces('i-1', 40), ...one } }) }),
        server('i-2', { access: access('i-2', { sessions: { ...traces('i-2', 40), ...other } }) }),
      ];
      return reach('server-partitioned', evidence({ servers: { servers } }));
    };
    expect([lost(24, 3), lost(21, 9), lost(12, 18)]).toEqual(['certain', 'likely', 'part']);
  });

  it('that is as old as the window explains what is as old, and nothing that began', () => {
    expect(reach('timeout-too-short', evidence({ servers: losing(FROM_MS + MINUTE) }))).toBe('likely');
    expect(reach('timeout-too-short', evidence({ servers: losing(SIGN_MS - 5 * MINUTE) }))).toBe('part');
  });

  it('of a failover that kept every session explains nothing after it', () => {
    const sample = { lagBytes: 0, lagSeconds: 0, bytesPerSession: 1_600 };
    const failover = (after: number) => ({
      lastFailover: {
        ...{ before: { atMs: SIGN_MS - 7 * MINUTE, sessions: 100, ...sample }, after: { atMs: SIGN_MS - 6 * MINUTE, sessions: after } },
        ...{ trend: null, stream: null, continuedFrom: null },
      },
    });
    const traffic = since(5, { target5xx: 40 }, 2);
    expect(reach('store-failing-over', evidence({ readings: failover(100), traffic }))).toBe('none');
    expect(reach('store-failing-over', evidence({ readings: failover(40), traffic }))).not.toBe('none');
  });

  it('that ended servers explains no errors that are older, and says nothing of them', () => {
    // No server that is left knew them.
    const ofEnded = (id: string) =>
      Object.fromEntries(
        Object.entries(lostSince(id, SIGN_MS - 5 * MINUTE, 12)).map(([hash, trace]) => [hash, { ...trace, unknown: true as const }]),
      );
    const planted = (minutes: number) =>
      evidence({
        balancer: IN_MEMORY,
        scaling: REPLACED_BEFORE,
        servers: {
          servers: ['i-1', 'i-2'].map((id) => server(id, { access: access(id, { sessions: { ...traces(id, 20), ...ofEnded(id) } }) })),
        },
        traffic: since(minutes, { target5xx: 60 }),
      });
    const found = (minutes: number) => classify(planted(minutes), 'logged-out');
    expect(found(25)).toMatchObject({
      ...{ verdict: 'cause', cause: 'servers-replaced', confidence: 'likely' },
      sentence: expect.stringMatching(/^Users are logged out because Auto Scaling/),
    });
    expect(found(6)).toMatchObject({ cause: 'servers-replaced', sentence: expect.stringMatching(/^Users get errors or are logged out/) });
  });

  it('is likely by witnesses of one kind alone, and certain by those of two', () => {
    const planted = evidence({ store: { nodes: [unreachable('node-1')] } });
    const few = (...sources: Source[]) => reach('large-sessions', planted, sources);
    expect([few('store'), few('store', 'store'), few('balancer', 'scaling')]).toEqual(['likely', 'likely', 'likely']);
    expect([few('store', 'readings'), few('store', 'sweeps'), few('servers', 'balancer')]).toEqual(['certain', 'certain', 'certain']);
    // What is claimed of the trouble is a witness as well.
    const losses = { ...deploying, servers: losing(SIGN_MS - 5 * MINUTE) };
    expect(reach('deploy-in-progress', evidence(losses), ['deploys'])).toBe('certain');
    expect(reach('deploy-in-progress', evidence(losses), ['servers'])).toBe('likely');
  });

  it('is likely where nothing shows since when it is so', () => {
    const planted = evidence({ balancer: IN_MEMORY, servers: losing(SIGN_MS - 5 * MINUTE) });
    expect(reach('stickiness-off', planted, undefined, null)).toBe('likely');
    expect(reach('stickiness-off', planted, undefined, SIGN_MS - 6 * MINUTE)).toBe('certain');
    expect(reach('stickiness-off', planted, undefined, SIGN_MS)).toBe('likely');
  });

  it('is likely of fewer than ten, unless they are nearly all', () => {
    const lost = (count: number, others: number) => {
      const sessions = { ...traces('i-1', others), ...lostSince('i-1', SIGN_MS - 5 * MINUTE, count) };
      return evidence({
        ...deploying,
        servers: {
          servers: [server('i-1', { access: access('i-1', { sessions }) }), server('i-2', { access: access('i-2', { sessions: {} }) })],
        },
      });
    };
    expect(reach('deploy-in-progress', lost(8, 30))).toBe('likely');
    expect(reach('deploy-in-progress', lost(12, 30))).toBe('certain');
    expect(reach('deploy-in-progress', lost(9, 1))).toBe('certain');
  });

  it('of what fills the store is likely while people are hurt by something else', () => {
    expect(reach('not-sessions', evidence({ traffic: since(4, { requests: 60, elb4xx: 40 }) }))).toBe('likely');
    expect(reach('not-sessions', evidence())).toBe('certain');
  });
});
