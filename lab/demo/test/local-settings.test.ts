import { describe, expect, it } from 'vitest';
import { PLANNED_INSTANCES } from '../listed-instances.ts';
import { localSettings, needsInstances } from '../local-settings.ts';

const CHOICE = { fleet: 'web', server: { port: 8080, healthPath: '/live' } };
const ofFleet = (realTime: boolean) => {
  const settings = localSettings({ ...CHOICE, realTime });
  const fleet = settings.config.fleets['web'];
  if (!fleet) throw new Error('no fleet');
  return { settings, fleet, deploy: fleet.deploy };
};

describe('the configuration of the local stacks', () => {
  it.each([
    ['short', false],
    ['real', true],
  ])('with %s times keeps the order that a deploy relies on', (_, realTime) => {
    const { settings, deploy } = ofFleet(realTime);
    // Requests arrive for as long as the load balancer has not heard of the change.
    expect(deploy.quietSeconds * 1_000).toBeGreaterThan(settings.propagationLagMs);
    expect(deploy.drainFloorSeconds).toBeLessThan(deploy.drainTimeoutSeconds ?? Number.POSITIVE_INFINITY);
    expect(deploy.healthIntervalSeconds * deploy.healthyInARow).toBeLessThan(deploy.healthDeadlineSeconds);
  });

  it('belongs to the account that no real AWS has, and can be thrown away', () => {
    expect(ofFleet(false).settings.config).toMatchObject({ account: '000000000000', region: 'us-east-1', retention: 'ephemeral' });
  });

  it.each([true, false])('has CloudTrail as late as is chosen (real times: %s)', (realTime) => {
    expect(localSettings({ ...CHOICE, realTime, trailDelayMs: 5 })).toMatchObject({ trailDelayMs: 5 });
    expect(localSettings({ ...CHOICE, realTime })).not.toHaveProperty('trailDelayMs');
  });

  it('starts runbooks as is chosen, and by the defaults otherwise', () => {
    const { incidents } = ofFleet(false).settings.config;
    expect(localSettings({ ...CHOICE, realTime: false, incidents: { coolDownMinutes: 7 } }).config.incidents).toEqual({
      ...incidents,
      coolDownMinutes: 7,
    });
  });

  it("has the server's own port and health path", () => {
    expect(ofFleet(false).fleet).toMatchObject({ port: 8080, healthPath: '/live' });
  });

  it('has listed instances for a Tomcat cluster, whatever size the file has', () => {
    const server = { ...CHOICE.server, strategy: 'tomcat-cluster', app: { kind: 'tomcat', home: '/opt/tomcat' } } as const;
    const choice = { ...CHOICE, server: { ...server, healthPath: '/holdfast/live', minCapacity: 4 }, realTime: false };
    const needs = [needsInstances(choice), needsInstances(CHOICE), needsInstances({ ...choice, project: { strategy: 'redis' } })];
    expect(needs).toEqual([true, false, false]);
    const { config } = localSettings({ ...choice, listed: PLANNED_INSTANCES });
    const { members, existing, minCapacity } = config.fleets['web'] ?? {};
    expect([members, minCapacity, new Set(existing?.instanceIds).size]).toEqual(['instances', undefined, 3]);
    expect(() => localSettings(choice)).toThrow('needs members "instances"');
  });

  it('refuses a name that no fleet can have', () => {
    expect(() => localSettings({ ...CHOICE, fleet: 'not a name', realTime: false })).toThrow();
  });

  it('has longer limits for servers that start slowly, with short times only', () => {
    const limit = (realTime: boolean, slowStart: boolean) =>
      localSettings({ ...CHOICE, realTime, slowStart }).config.fleets['web']?.deploy.healthDeadlineSeconds;
    expect(limit(false, true)).toBeGreaterThan(limit(false, false) as number);
    expect(limit(true, true)).toBe(limit(true, false));
  });

  it("takes the project's settings over its own, and the default of AWS for what has to fit them", () => {
    const project = { strategy: 'sticky', healthCheckTimeoutSeconds: 7, deploy: { onFailure: 'halt' } } as const;
    const fleet = localSettings({ ...CHOICE, realTime: false, project }).config.fleets['web'];
    expect(fleet).toMatchObject({ ...project, healthCheckIntervalSeconds: 10, deploy: { onFailure: 'halt', bakeSeconds: 1.5 } });
  });

  it("refuses a project's settings that do not fit together here", () => {
    const project = { maxCapacity: 2 };
    expect(() => localSettings({ ...CHOICE, realTime: false, project })).toThrow(
      /the local cloud's configuration is not valid:.*maxCapacity/s,
    );
  });
});
