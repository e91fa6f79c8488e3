import { beforeEach, expect, it } from 'vitest';
import { CODE_DEPLOY_HOOK } from '../../fakes/code-deploy-hook.ts';
import { RELEASE, START_MS } from '../../fakes/fixtures.ts';
import { TWO_AT_ONCE, threeServers } from './three-servers.ts';

const two = TWO_AT_ONCE;

type Servers = Awaited<ReturnType<typeof threeServers>>;
let records: Servers['records'];
let lease: Servers['lease'];
let clock: Servers['clock'];
let members: Servers['members'];
let health: Servers['health'];
let install: Servers['install'];
let assess: Servers['assess'];
let groupHooks: Servers['groupHooks'];

beforeEach(async () => {
  ({ records, lease, clock, members, health, install, assess, groupHooks } = await threeServers());
});

it('goes on without a server that was terminated while Auto Scaling does not notice it, and says so once', async () => {
  health['i-1'] = 'unused, Target.InvalidState: Target is in the stopped state';
  for (let look = 0; look < 2; look += 1) {
    expect(await assess({ step: 'nextTarget', deploy: two, lease, waitingSinceMs: 0 })).toMatchObject({ roll: { instanceId: 'i-2' } });
  }
  expect((await records.getDeploy('web', 'd1'))?.warnings).toEqual([expect.stringContaining('i-1 does not run any more')]);
});

it('waits, after the promotion too, for a server that came with the old release and cannot be taken out yet', async () => {
  for (const [order, id] of ['i-1', 'i-2', 'i-3'].entries()) {
    const done = { phase: 'done', order, fromVersion: '1.0.0', phaseStartedAtMs: START_MS } as const;
    await records.putTarget('web', 'd1', id, done);
    await install(id, '2.0.0');
    health[id] = 'unhealthy';
  }
  await records.promote('web', { version: '2.0.0', sha256: RELEASE.sha256, deployId: 'd1', fencingToken: 1, atMs: START_MS });
  await install('i-4', '1.0.0');
  Object.assign(members, { 'i-4': 'InService' });
  Object.assign(health, { 'i-4': 'healthy' });
  const next = () => assess({ step: 'nextTarget', deploy: two, lease, waitingSinceMs: 0 });
  expect(await next()).toMatchObject({ verdict: 'WAIT', comesOutdated: true });
  clock.nowMs += two.settings.newcomerTimeoutSeconds * 1_000;
  expect(await next()).toMatchObject({ verdict: 'DONE' });
  expect((await records.getDeploy('web', 'd1'))?.targets['i-4']).toMatchObject({
    phase: 'failed',
    detail: expect.stringContaining('in service: release 1.0.0 still serves'),
  });
});

it('does not choose a server again that ended while it was rolled', async () => {
  const left = { phase: 'skipped', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: START_MS, executionName: `i-1-${START_MS}` } as const;
  await records.putTarget('web', 'd1', 'i-1', left);
  delete health['i-1'];
  expect(await assess({ step: 'nextTarget', deploy: two, lease, waitingSinceMs: 0 })).toMatchObject({ roll: { instanceId: 'i-2' } });
});

it.each([
  [
    'Holdfast has completed its own',
    '1.0.0',
    /^has release 1\.0\.0, and still waits after [0-9]+ s for lifecycle hook CodeDeploy-\S+, which is not Holdfast's/,
  ],
  [
    'it may be in either',
    undefined,
    /^still waits in a lifecycle hook after [0-9]+ s; besides Holdfast's own its group has lifecycle hook CodeDeploy-/,
  ],
])("names the other tool's lifecycle hook that a newcomer waits in: %s", async (_when, version, detail) => {
  for (const id of ['i-1', 'i-2', 'i-3']) await install(id, '2.0.0');
  groupHooks.push(CODE_DEPLOY_HOOK);
  Object.assign(members, { 'i-4': 'Pending:Wait' });
  if (version !== undefined) await install('i-4', version);
  const next = (waitingSinceMs: number) => assess({ step: 'nextTarget', deploy: two, lease, waitingSinceMs });
  expect(await next(0)).toMatchObject({ verdict: 'WAIT' });
  clock.nowMs += two.settings.newcomerTimeoutSeconds * 1_000;
  expect(await next(START_MS)).toMatchObject({ verdict: 'DONE' });
  expect((await records.getDeploy('web', 'd1'))?.targets['i-4']).toMatchObject({ phase: 'skipped', detail: expect.stringMatching(detail) });
});
