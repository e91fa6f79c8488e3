import { expect, it, vi } from 'vitest';
import { EXAMPLES } from '../../app/examples.ts';

// These tests ask for nothing that is built, and building it takes minutes.
vi.mock('../../../../setup/java.mjs', () => ({ ensureJava: () => ({ home: '/opt/java' }), ensureMavenOutput: async () => '/opt/made' }));

const serverOf = async (name: string) => (await EXAMPLES[name]?.())?.server;

it('each example says which path the load balancer checks', async () => {
  for (const name of Object.keys(EXAMPLES))
    expect(await serverOf(name), name).toMatchObject({ port: 8080, healthPath: expect.any(String) });
});

it('Spring finds sessions by their users, for which it needs the channel of its indexed repository', async () => {
  expect(await serverOf('spring')).toMatchObject({ sessions: { channels: ['spring-session-indexed'] } });
});
