import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../auto-scaling/engine-context.ts';
import type { Group, Member } from '../../auto-scaling/group-state.ts';
import { launchWaitMs, noteFailedLaunch, noteHealthy } from '../../auto-scaling/launch-backoff.ts';

const newGroup = () => ({ launchFailures: 0, launchNotBeforeMs: 0 }) as Group;

describe('launches that fail in a row', () => {
  it('are at most twelve of three servers in 90 s, where each fails after 3 s', () => {
    const group = newGroup();
    let launches = 0;
    for (let nowMs = 0; nowMs < 90_000; nowMs += 3_000) {
      if (nowMs < group.launchNotBeforeMs) continue;
      launches += 3;
      for (let server = 0; server < 3; server += 1) noteFailedLaunch(group, nowMs, DEFAULT_SETTINGS);
    }
    expect(launches).toBeLessThanOrEqual(12);
  });

  it('wait at most a minute, however many there were', () => {
    expect(launchWaitMs(10_000, DEFAULT_SETTINGS)).toBe(60_000);
  });

  it('are forgotten once a server is healthy, and not by one that was healthy before', () => {
    const group = newGroup();
    const member = {} as Member;
    noteHealthy(group, member);
    noteFailedLaunch(group, 0, DEFAULT_SETTINGS);
    noteHealthy(group, member);
    expect(group.launchFailures).toBe(1);
    noteHealthy(group, {} as Member);
    expect(group.launchFailures).toBe(0);
  });
});
