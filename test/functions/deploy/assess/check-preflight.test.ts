import { describe, expect, it } from 'vitest';
import { checkPreflight as check, type PreflightFacts } from '../../../../functions/deploy/assess/check-preflight.ts';
import { orderToRoll } from '../../../../functions/deploy/assess/choose-next-target.ts';
import type { FleetMember } from '../../../../functions/deploy/assess/fleet-members.ts';

const member = (instanceId: string, health = 'healthy', version = '1'): FleetMember => ({
  instanceId,
  lifecycle: 'inService',
  version,
  health,
});
const agent = (instanceId: string, version = '3.3.2746.0', online = true) => ({ instanceId, version, online });
type Facts = Omit<PreflightFacts, 'toRoll'>;
const checkPreflight = (all: Facts) => check({ ...all, toRoll: orderToRoll(all.members, { rolled: new Set(), version: '2' }) });
const facts: Facts = {
  members: [member('i-1'), member('i-2'), member('i-3')],
  agents: [agent('i-1'), agent('i-2'), agent('i-3')],
  alarms: { errors: 'OK', latency: 'ALARM' },
  recover: false,
  attributes: { 'deregistration_delay.timeout_seconds': '361' },
  settings: {
    ...{ deregistrationDelaySeconds: 300, registerTimeoutSeconds: 360 },
    minimumHealthyTargets: 2,
    maxParallel: 1,
    minimumAgentVersion: '3.3.2746.0',
    alarmNames: ['errors', 'latency'],
    ...{ bakeSeconds: 15, drainFloorSeconds: 10, drainSignal: 'auto', pauseMinutes: 30, pollSeconds: 10 },
  },
};

describe('checkPreflight', () => {
  it('returns the number of healthy targets and the alarms that are already in ALARM', () => {
    expect(checkPreflight(facts)).toEqual({ healthyTargets: 3, alreadyInAlarm: ['latency'] });
  });

  it.each<{ title: string; change: Partial<Facts> }>([
    { title: 'a fleet that must go below the minimum, to recover', change: { members: [member('i-1', 'unhealthy')], recover: true } },
    {
      title: 'a fleet with an unhealthy target, which is rolled first',
      change: { members: [member('i-1', 'unhealthy'), member('i-2'), member('i-3')] },
    },
    {
      title: 'a server that the load balancer cannot reach, to recover',
      change: { members: [{ ...member('i-1', 'unused'), unreachable: 'Target.NotInUse: …' }, member('i-2'), member('i-3')], recover: true },
    },
    { title: 'a fleet that has the version already, small as it is', change: { members: [member('i-1', 'healthy', '2')] } },
    {
      title: 'a part of the fleet that is one server',
      change: { settings: { ...facts.settings, maxParallel: '50%' } },
    },
    {
      title: 'a limit of placeholders, which serve nobody',
      change: {
        members: facts.members.map(({ instanceId }) => member(instanceId, 'unhealthy', 'none')),
        settings: { ...facts.settings, maxParallel: 3, minimumHealthyTargets: 0 },
      },
    },
    {
      title: 'an old agent on an instance that is not rolled',
      change: { members: [...facts.members, member('i-4', 'healthy', '2')], agents: [...facts.agents, agent('i-4', '1.0')] },
    },
  ])('lets $title pass', ({ change }) => {
    expect(() => checkPreflight({ ...facts, ...change })).not.toThrow();
  });

  it.each<{ name: string; title: string; change: Partial<Facts>; message: string }>([
    {
      name: 'InvalidInput',
      title: 'a limit that the minimum never allows',
      change: { settings: { ...facts.settings, maxParallel: 2 } },
      message: 'lets 2 of 3 servers be out of service at once, and minimumHealthyTargets 2 allows 1',
    },
    {
      name: 'TooFewHealthyTargets',
      title: 'two targets of which two have to stay',
      change: { members: [member('i-1'), member('i-2')] },
      message: 'minimumHealthyTargets',
    },
    {
      name: 'AgentTooOld',
      title: 'an agent without ENV_VAR interpolation',
      change: { agents: [agent('i-1'), agent('i-2', '3.3.2745.9'), agent('i-3')] },
      message: 'i-2 is version 3.3.2745.9; passing parameters as environment variables requires 3.3.2746.0',
    },
    {
      name: 'AgentOffline',
      title: 'an agent that lost its connection',
      change: { agents: [agent('i-1'), agent('i-2'), agent('i-3', '3.3.2746.0', false)] },
      message: 'i-3 is not online',
    },
    {
      name: 'AgentOffline',
      title: 'an instance that Systems Manager does not know',
      change: { agents: [agent('i-1'), agent('i-2')] },
      message: 'i-3 has never reported',
    },
    { name: 'InvalidInput', title: 'an alarm that does not exist', change: { alarms: { errors: 'OK' } }, message: 'do not exist: latency' },
  ])('throws $name on $title', ({ name, change, message }) => {
    expect(() => checkPreflight({ ...facts, ...change })).toThrow(
      expect.objectContaining({ name, message: expect.stringContaining(message) }),
    );
  });
});

describe('the history of a deploy', () => {
  const many = (servers: number, settings: Partial<Facts['settings']> = {}) => {
    const members = Array.from({ length: servers }, (_, index) => member(`i-${index}`));
    const agents = members.map(({ instanceId }) => agent(instanceId));
    return () => checkPreflight({ ...facts, members, agents, settings: { ...facts.settings, ...settings } });
  };

  it.each([
    [892, {}],
    [714, { bakeSeconds: 60 }],
    [1_100, { maxParallel: 10 }],
  ])('has room for %d servers with %j', (servers, settings) => {
    expect(many(servers, settings)).not.toThrow();
  });

  it.each([
    [
      893,
      {},
      /^a deploy of 893 servers, one at a time and 25.0 s each, takes at least 25004 events .* ends it at 25000; raise deploy.maxParallel \(all at once take 18760\), or divide/,
    ],
    [715, { bakeSeconds: 60 }, /^a deploy of 715 servers, one at a time and 1 m 10 s each, takes at least 25025 events/],
    [
      1_200,
      { maxParallel: 10 },
      /^a deploy of 1200 servers, 10 at a time and 25.0 s each, takes at least 26040 events .* among several fleets\. Nothing was changed$/,
    ],
    [1_200, { maxParallel: '10%' }, /takes at least 25270 events .* more servers at once do not help: divide the servers/],
  ])('has none for %d servers with %j, at its fastest', (servers, settings, words) => {
    expect(many(servers, settings)).toThrow(words);
  });
});
