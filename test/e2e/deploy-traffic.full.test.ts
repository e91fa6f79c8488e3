/** What users may see of a deploy when the load balancer is slow to hear of it, and with requests of the hard kinds. */
import { describe, expect, it } from 'vitest';
import { deployUnderFault, type Row } from './deploy-under-fault.ts';

const lagging = (seconds: number): Row => ({
  fault: `${seconds} s`,
  rules: () => [{ on: 'propagation', effect: { kind: 'lag', ms: seconds * 1_000 } }],
  settings: { drainTimeoutSeconds: seconds + 20, registerTimeoutSeconds: seconds + 60 },
  ends: 'SUCCEEDED',
});

describe('a load balancer that hears of each change after', () => {
  it.each([lagging(3), lagging(20), lagging(40)])('$fault fails no request', { timeout: 600_000 }, async (row) => {
    await deployUnderFault(row);
  });
});

describe('requests of the hard kinds', () => {
  const hard = { downloadShare: 0.05, webSocketUsers: 20, connections: 80 };

  it('of 25 s end well within a delay of 30 s; a WebSocket that is cut off opens again', { timeout: 600_000 }, async () => {
    const { report } = await deployUnderFault({
      fault: 'long requests within the delay',
      traffic: { ...hard, longShare: 0.02, longMs: 25_000 },
      settings: { deregistrationDelaySeconds: 30, drainTimeoutSeconds: 60 },
      ends: 'SUCCEEDED',
    });
    expect(report.hard?.long.requests).toBeGreaterThan(0);
    expect(report.hard?.download.requests).toBeGreaterThan(0);
    expect(report.hard?.webSockets.refused).toBe(0);
    expect(report.hard?.webSockets.opened).toBeGreaterThan(hard.webSocketUsers);
  });

  it("that outlive the delay get the load balancer's 502, and are reported with that cause", { timeout: 300_000 }, async () => {
    const { report } = await deployUnderFault({
      fault: 'long requests beyond the delay',
      traffic: { ...hard, longShare: 0.1, longMs: 12_000 },
      ends: 'SUCCEEDED',
      mayFail: ({ cause, failure }) => cause === 'deregistered' && failure === 'serverError',
    });
    expect(report.failed).toBeGreaterThan(0);
    expect(report.hard?.long.failed).toBe(report.failed);
  });
});
