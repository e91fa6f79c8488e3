import { expect, it } from 'vitest';
import { judgeRoutes } from '../../../../functions/deploy/sessions/judge-routes.ts';
import { fillSettings } from '../../../../functions/deploy/settings/read-settings.ts';

const server = { instanceId: 'i-1', counts: true, count: 3, cookie: 'SID', route: 'i-1' } as const;
const judge = (more: object) => judgeRoutes([{ ...server, ...more }], fillSettings({}, ''));

it('warns of sessions that no cookie shows, and of no others', () => {
  expect(judge({ inUrls: 2 }).warnings).toContainEqual(expect.stringMatching(/i-1 has 2 sessions whose id is in URLs \(;jsessionid=\)/));
  expect(judge({}).warnings.join()).not.toContain('jsessionid');
});

it('refuses sessions that never time out, and says nothing of how long it would wait for them', () => {
  const { problems, warnings } = judge({ timeoutSeconds: -1 });
  expect(problems).toEqual([expect.stringContaining('i-1 never ends idle sessions')]);
  expect(warnings.join()).not.toContain('-1');
});

it('says what is unknown: a count that cannot be read, and a timeout that is not stated', () => {
  expect(judge({ count: undefined, reason: '/status answers with status 404' }).warnings).toContainEqual(
    'i-1 does not report all that the contract promises of sessions: /status answers with status 404.',
  );
  expect(judge({}).warnings).toContainEqual(
    expect.stringMatching(/^i-1 reports no session timeout, .* waits 1920 s .*session\.timeoutSeconds/),
  );
  expect(judge({ timeoutSeconds: 1_800 }).warnings.join()).not.toMatch(/no session timeout|does not report/);
});

it('distinguishes a server without a release of Holdfast from one whose release counts nothing', () => {
  expect(judge({ counts: false, adopted: true }).warnings).toEqual([
    expect.stringMatching(/on i-1: no release of Holdfast is on them yet.*are logged out/),
  ]);
  expect(judge({ counts: false }).warnings).toEqual([
    expect.stringMatching(/on i-1: the holdfast\.app\.json of the release that they have/),
  ]);
});

it('names a way out of a timeout that is too long: the release that shortens it needs a deploy as well', () => {
  expect(judge({ timeoutSeconds: 28_800 }).problems).toEqual([expect.stringMatching(/28800 s, .*with --recover it waits as long as fits/)]);
});
