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
