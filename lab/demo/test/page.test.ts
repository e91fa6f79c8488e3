import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '#local-aws/test/root-credentials.ts';
import { stateOf } from '../../../test/cli/run-cli.ts';
import { startPage } from '../page.ts';

let page: Awaited<ReturnType<typeof startPage>>;

beforeAll(async () => {
  page = await startPage({
    port: 0,
    token: 'secret-token',
    state: () => stateOf('http://127.0.0.1:1', { token: 'secret-token', fleet: 'shop', credentials: ROOT }),
    cloud: {
      elbv2: { listeners: () => [] },
      instances: { describe: () => [] },
      elastiCache: {
        nodes: () => {
          throw new Error('the stacks are not deployed');
        },
      },
      services: [{ title: 'recorded resource types', signingNames: [], notEmulated: ['Security groups do not filter.'] }],
    },
  });
});
afterAll(() => page.close());

it('shows what this process owns before anything is deployed, and never its token or root’s secret', async () => {
  expect((await fetch(`${page.url}api/cloud`)).status).toBe(403);
  const reply = await fetch(`${page.url}api/cloud`, { headers: { 'x-holdfast-token': 'secret-token' } });
  const text = await reply.text();
  expect([reply.status, JSON.parse(text)]).toEqual([
    200,
    expect.objectContaining({
      fleet: 'shop',
      notEmulated: [
        { name: 'recorded resource types', lines: ['Security groups do not filter.'] },
        { name: 'iam', lines: expect.arrayContaining([expect.any(String)]) },
      ],
    }),
  ]);
  expect(text).not.toContain('secret-token');
  expect(text).not.toContain(ROOT.secretAccessKey);
});

it('serves the console', async () => {
  const reply = await fetch(page.url);
  expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining('<title>Holdfast console</title>')]);
});
