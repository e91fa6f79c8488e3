import { describe, expect, it } from 'vitest';
import { applyLocally, describeSettings } from '../../app/project-settings.ts';

const FLEET = {
  port: 9000,
  healthPath: '/alive',
  certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/a',
  instanceType: 'm7g.large',
  strategy: 'sticky',
  sessions: { group: 'shops', channels: ['redisson-tomcat'] },
  deploy: { quietSeconds: 8, onFailure: 'halt', alarmNames: ['mine'] },
};
const SHORT = { realTime: false, example: false };

describe('the project settings of a fleet', () => {
  it('apply where they have a meaning here, and times with real times only', () => {
    const { fleet, ...keys } = applyLocally(FLEET, SHORT);
    expect(fleet).toEqual({
      port: 9000,
      healthPath: '/alive',
      strategy: 'sticky',
      sessions: { channels: ['redisson-tomcat'] },
      deploy: { onFailure: 'halt' },
    });
    expect(keys).toEqual({
      applied: ['port', 'healthPath', 'strategy', 'sessions.channels', 'deploy.onFailure'],
      shortened: ['deploy.quietSeconds'],
      ignored: ['certificateArn', 'instanceType', 'sessions.group', 'deploy.alarmNames'],
    });
    expect(applyLocally(FLEET, { ...SHORT, realTime: true }).fleet.deploy).toEqual({ quietSeconds: 8, onFailure: 'halt' });
  });

  it('leave an example its own port and health path', () => {
    expect(applyLocally(FLEET, { ...SHORT, example: true })).toMatchObject({
      fleet: { strategy: 'sticky' },
      ignored: expect.arrayContaining(['port', 'healthPath']),
    });
  });

  it.each([
    [{ ...FLEET, deploy: {}, sessions: {} }, 'port, healthPath and strategy apply here; certificateArn and instanceType do not apply here'],
    [{ strategy: 'redis', deploy: { bakeSeconds: 3 } }, 'strategy applies here; deploy.bakeSeconds with --real-time only'],
    [{ allowPlainHttp: true }, 'allowPlainHttp does not apply here'],
    [{}, 'every setting has its default'],
  ])('%j is described in one line', (fleet, said) => {
    expect(describeSettings('holdfast.config.json', 'web', applyLocally(fleet, SHORT))).toBe(`holdfast.config.json, fleet web: ${said}`);
  });
});
