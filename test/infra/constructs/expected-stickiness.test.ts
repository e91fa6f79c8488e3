import { expect, it } from 'vitest';
import type { FleetConfig } from '../../../infra/config/fleet.ts';
import { holdfastConfig } from '../../../infra/config.ts';
import { expectedStickiness } from '../../../infra/constructs/web-tier/web-front.ts';
import { adopted, EXISTING_GROUP } from '../adopted-configs.ts';

const fleetOf = (config: object) => Object.values(holdfastConfig.parse(config).fleets)[0] as FleetConfig;
const own = (strategy: string) => fleetOf({ region: 'eu-west-1', fleets: { web: { strategy, allowPlainHttp: true } } });

it('a target group that the stacks create has their own stickiness', () => {
  expect(expectedStickiness(own('sticky'))).toEqual({ enabled: true, type: 'lb_cookie', durationSeconds: 86_400 });
});

it('none where sessions are in the store', () => {
  expect(expectedStickiness(own('redis'))).toEqual({ enabled: false });
});

it('that of created groups where users stay on their server although the store has their sessions', () => {
  const fleet = fleetOf({ region: 'eu-west-1', fleets: { web: { stickiness: true, allowPlainHttp: true } } });
  expect(expectedStickiness(fleet)).toEqual({ enabled: true, type: 'lb_cookie', durationSeconds: 86_400 });
});

it("an existing target group's kind and duration are its owner's", () => {
  const fleet = { ...fleetOf(adopted(EXISTING_GROUP)), strategy: 'sticky' } as FleetConfig;
  expect(expectedStickiness(fleet)).toEqual({ enabled: true });
});
