import { describe, expect, it } from 'vitest';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { onlyLine, PLACE, runCli } from '../run-cli.ts';
import { deployRecord } from './deploy-record.ts';

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
  cloud.items.set('FLEET#web|DEPLOY#d1', deployRecord());
});

const TARGET = { phase: 'done', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 9_000, startedAtMs: 1_000, finishedAtMs: 9_000 };
describe('deploys end-drain', () => {
  /** What the fleet's function answers. */
  const answers = (reply: object) => cloud.objects.set('functions/holdfast-web-end-drain%3Alive/invocations', JSON.stringify(reply));
  const waiting = (target: object = { phase: 'sessionDrain', sessionsLeft: 3 }) =>
    cloud.items.set(
      'FLEET#web|DEPLOY#d1',
      deployRecord({ status: 'RUNNING', stage: 'rolling', targets: { 'i-1': { ...TARGET, ...target } } }),
    );

  it('ends the wait for the server that the deploy waits for, and shows what that costs', async () => {
    waiting();
    answers({ outcome: 'ended', instanceId: 'i-1', requestedBy: 'arn:…/Operator', sessionsLeft: 3 });
    const { code, stdout } = await runCli(state.folder, ['deploys', 'end-drain', 'd1']);
    expect(stdout).toContain('Deploy d1 goes on with i-1 within half a minute, which ends 3 sessions. Follow it with: ./holdfast');
    expect(code).toBe(0);
  });

  it('ends it for the server that is named, and refuses another one', async () => {
    waiting();
    answers({ outcome: 'ended', instanceId: 'i-1', requestedBy: 'arn:…/Operator', sessionsLeft: 3 });
    expect((await runCli(state.folder, ['deploys', 'end-drain', 'd1', '--server', 'i-1'])).code).toBe(0);
    const { code, stderr } = await runCli(state.folder, ['deploys', 'end-drain', 'd1', '--server', 'i-2']);
    expect(stderr).toContain('Deploy d1 of 1.1.0 waits for the sessions or requests of i-1 now, and not of i-2. Nothing was changed.');
    expect(code).toBe(2);
  });

  it('cuts the requests of the server that drains with --yes, of several only by name', async () => {
    waiting({ phase: 'draining', inFlight: 2 });
    answers({ outcome: 'ended', instanceId: 'i-1', requestedBy: 'arn:…/Operator', requestsLeft: 2 });
    const { code, stdout } = await runCli(state.folder, ['deploys', 'end-drain', 'd1', '--yes']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('which ends 2 requests.')]);
    const draining = { ...TARGET, phase: 'draining' };
    cloud.items.set('FLEET#web|DEPLOY#d1', deployRecord({ status: 'RUNNING', targets: { 'i-1': draining, 'i-2': draining } }));
    const several = await runCli(state.folder, ['deploys', 'end-drain', 'd1', '--yes']);
    expect([several.code, several.stderr]).toEqual([2, expect.stringContaining('several servers now (i-1, i-2): name one with --server')]);
    expect((await runCli(state.folder, ['deploys', 'end-drain', 'd1', '--yes', '--server', 'i-1'])).code).toBe(0);
  });

  it('reports it in one line of JSON', async () => {
    waiting();
    answers({ outcome: 'ended', instanceId: 'i-1', requestedBy: 'arn:…/Operator' });
    const { code, stdout } = await runCli(state.folder, ['deploys', 'end-drain', 'd1', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([
      0,
      { ...PLACE, deploy: { deployId: 'd1', instanceId: 'i-1', outcome: 'ended', requestedBy: 'arn:…/Operator' } },
    ]);
  });

  it.each([
    ['an unknown deploy', 'none', () => waiting(), 'Fleet web has no deploy none.'],
    [
      'a deploy that waits for no sessions',
      'd1',
      () => waiting({ phase: 'installing' }),
      'Deploy d1 of 1.1.0 waits for no sessions now, and drains no server.',
    ],
    [
      'requests without a terminal or --yes',
      'd1',
      () => waiting({ phase: 'draining', inFlight: 2 }),
      'Deploy d1 drains i-1, which has 2 requests in flight. Ending the drain cuts what is left of them. Nothing was changed. Use --yes',
    ],
    ['a deploy that has ended', 'd1', () => {}, 'has already ended with FAILED.'],
    [
      'what the function refuses',
      'd1',
      () => {
        waiting();
        answers({ outcome: 'refused', error: 'NoSessionDrain', message: 'It is draining. Nothing was changed.' });
      },
      'It is draining. Nothing was changed.',
    ],
  ])('refuses %s, and exits with 2', async (_what, id, given, message) => {
    given();
    const { code, stderr } = await runCli(state.folder, ['deploys', 'end-drain', id]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
