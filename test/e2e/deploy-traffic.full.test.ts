/** What users may see of a deploy when the load balancer is slow to hear of it, and with requests of the hard kinds. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { APP_CONTRACT_FILE } from '../../functions/shared/app-contract.ts';
import { buildExample } from './bad-releases.ts';
import { deployUnderFault } from './deploy-under-fault.ts';

it('a load balancer that hears of each change after 40 s fails no request', { timeout: 600_000 }, async () => {
  await deployUnderFault({
    fault: '40 s',
    rules: () => [{ on: 'propagation', effect: { kind: 'lag', ms: 40_000 } }],
    settings: { deregistrationDelaySeconds: 70, drainTimeoutSeconds: 60, registerTimeoutSeconds: 100 },
    ends: 'SUCCEEDED',
  });
});

describe('requests of the hard kinds', () => {
  const hard = { downloadShare: 0.05, webSocketUsers: 20, connections: 80 };

  it('of 25 s end well within a delay of 60 s; a WebSocket that is cut off opens again', { timeout: 600_000 }, async () => {
    const { report } = await deployUnderFault({
      fault: 'long requests within the delay',
      traffic: { ...hard, longShare: 0.02, longMs: 25_000 },
      settings: { deregistrationDelaySeconds: 60, drainTimeoutSeconds: 50 },
      ends: 'SUCCEEDED',
    });
    expect(report.hard?.long.requests).toBeGreaterThan(0);
    expect(report.hard?.download.requests).toBeGreaterThan(0);
    expect(report.hard?.webSockets.refused).toBe(0);
    expect(report.hard?.webSockets.opened).toBeGreaterThan(hard.webSocketUsers);
  });

  it('of 40 s are not cut by a delay of 30 s: the deploy stops, and nothing fails', { timeout: 600_000 }, async () => {
    const { record, report } = await deployUnderFault({
      fault: 'long requests beyond the delay',
      traffic: { ...hard, webSocketUsers: 0, longShare: 0.2, longMs: 40_000 },
      // The deploy stops before the first of them has ended.
      afterMs: 42_000,
      ends: { error: 'DrainTimedOut', rolledBack: false },
    });
    expect(report.hard?.long.requests).toBeGreaterThan(0);
    expect(record.outcome).toMatch(/^No target left its release: /);
  });

  it('of 20 s are seen by the kernel on servers that offer no counts, and none is cut', { timeout: 900_000 }, async () => {
    await deployUnderFault({ fault: 'none: it brings a release without counts', release: withoutCounts, ends: 'SUCCEEDED' });
    const { record, report } = await deployUnderFault({
      fault: 'long requests to servers without counts',
      release: withoutCounts,
      traffic: { ...hard, longShare: 0.1, longMs: 20_000 },
      settings: { deregistrationDelaySeconds: 70, drainTimeoutSeconds: 60 },
      ends: 'SUCCEEDED',
    });
    expect(report.hard?.long.requests).toBeGreaterThan(0);
    expect(report.hard?.long.failed).toBe(0);
    const drained = Object.values(record.targets);
    expect(drained.map(({ drainSignal }) => drainSignal)).toEqual(['kernel', 'kernel', 'kernel']);
    expect(Math.max(...drained.map(({ longLived = 0 }) => longLived)), 'WebSockets are counted').toBeGreaterThan(0);
    // Nothing about the drain: that needs no warning where the kernel sees the requests.
    expect(record.warnings).toEqual([expect.stringContaining("each other's sessions is unchecked")]);
  });
});

async function withoutCounts(folder: string, version: string): Promise<void> {
  await buildExample(folder, version);
  const file = join(folder, APP_CONTRACT_FILE);
  const { inFlight: _, requests: __, errors: ___, ...contract } = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify(contract));
}
