import { describe, expect, it } from 'vitest';
import { worstRollSeconds } from '../../../../functions/deploy/dry-run/forecast.ts';
import { learnFrom } from '../../../../functions/deploy/rolls/learn-from.ts';
import type { DeployRecord, Phase, TargetProgress } from '../../../../functions/records/types.ts';
import { SETTINGS } from '../../fakes/fixtures.ts';

const target = (startedAtMs: number, phases: readonly [Phase, number][], finishedAtMs: number): TargetProgress => ({
  phase: 'done',
  order: 0,
  fromVersion: '1.0.0',
  phaseStartedAtMs: finishedAtMs,
  startedAtMs,
  finishedAtMs,
  phases: phases.map(([phase, at]) => ({ phase, startedAtMs: at })),
});

const record = (more: Partial<DeployRecord> = {}): DeployRecord => ({
  deployId: 'd1',
  executionArn: 'arn',
  fleet: 'web',
  from: '1.0.0',
  to: '1.1.0',
  requestedBy: 'ann',
  startedAtMs: 0,
  finishedAtMs: 100_000,
  status: 'SUCCEEDED',
  stage: 'finished',
  targets: {
    'i-1': target(
      5_000,
      [
        ['waiting', 0],
        ['draining', 5_000],
        ['installing', 15_000],
        ['done', 25_000],
      ],
      25_000,
    ),
    'i-2': target(
      25_000,
      [
        ['draining', 25_000],
        ['installing', 45_000],
        ['done', 65_000],
      ],
      65_000,
    ),
  },
  ...more,
});

describe('the experience of earlier deploys', () => {
  it('is the mean of each phase, and what the deploy took besides', () => {
    expect(learnFrom([record()])).toEqual({
      deployId: 'd1',
      phases: { draining: 15, installing: 15 },
      rollSeconds: 30,
      otherSeconds: 40,
    });
  });

  it('is that of the newest one that rolled servers and succeeded', () => {
    const others = [
      record({ deployId: 'failed', status: 'FAILED' }),
      record({ deployId: 'restart', restart: 'i-1' }),
      record({ deployId: 'nothing to roll', targets: {} }),
    ];
    expect(learnFrom([...others, record({ deployId: 'good' }), record({ deployId: 'older' })])?.deployId).toBe('good');
    expect(learnFrom(others)).toBeUndefined();
    expect(learnFrom([record({ deployId: 'all', restartAll: true })])?.deployId).toBe('all');
  });
});

it('the worst case of a roll has every wait that the settings allow', () => {
  const plain = worstRollSeconds({ version: '1.0.0', waitsForSessions: false }, SETTINGS);
  // Store, blind drain, install, readiness check, registration, a bake whose answers are slow at first.
  expect(plain).toBe(900 + 310 + 300 + 300 + 360 + 90);
  expect(worstRollSeconds({ version: 'none', waitsForSessions: false }, SETTINGS) - plain).toBe(1_200);
  // Healthy in the drain group, the rule twice at every node, the sessions.
  expect(worstRollSeconds({ version: '1.0.0', waitsForSessions: true }, SETTINGS) - plain).toBe(360 + 120 + 1_920);
});
