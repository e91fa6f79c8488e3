import { describe, expect, it } from 'vitest';
import { type Deploys, deployChanger } from '../../incident-faults/changes/deploy.ts';

function createDeploys(published: readonly string[], current = '1.0.0') {
  const calls: string[] = [];
  let version: string | undefined = current;
  const running = new Map<string, string>();
  const deploys: Deploys = {
    current: async () => version,
    published: async () => published,
    untilHealthy: async () => void calls.push('healthy'),
    async start(to) {
      calls.push(`start ${to}`);
      running.set(`execution-${to}`, to);
      return `execution-${to}`;
    },
    async end(executionArn) {
      calls.push(`end ${executionArn}`);
      version = running.get(executionArn);
    },
  };
  return { deploys, calls, version: () => version };
}
const CHANGE = { kind: 'deploy' } as const;

describe('a deploy as a fault', () => {
  it('deploys another release, not the one that is to fail, and the previous one when it is cleared', async () => {
    const { deploys, calls, version } = createDeploys(['1.2.0-bad', '1.0.0', '1.1.0']);
    const changer = deployChanger(deploys, 'web');
    const before = await changer.apply(CHANGE, await changer.prepare(CHANGE), 'deploy-in-progress');
    expect(calls).toEqual(['healthy', 'start 1.1.0']);
    await changer.restore(before, 'deploy-in-progress');
    expect(calls.slice(2)).toEqual(['end execution-1.1.0', 'start 1.0.0', 'end execution-1.0.0']);
    expect(version()).toBe('1.0.0');
  });

  it('is refused without another release, with what to do', async () => {
    await expect(deployChanger(createDeploys(['1.0.0']).deploys, 'web').prepare(CHANGE)).rejects.toThrow(
      'fleet web has no other release to deploy; nothing was changed: publish one',
    );
  });

  it('that never began is nothing to clear', async () => {
    const { deploys, calls } = createDeploys(['1.0.0', '1.1.0']);
    await deployChanger(deploys, 'web').restore({ from: '1.0.0', to: '1.1.0' }, 'deploy-in-progress');
    expect(calls).toEqual([]);
  });
});
