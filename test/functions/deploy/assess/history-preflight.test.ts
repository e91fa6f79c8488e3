/** The deploy's own preflight on the history of its execution: it warns near the end, and refuses what has no room. */
import { expect, it } from 'vitest';
import type { DeployRecord } from '../../../../functions/records/types.ts';
import { DEPLOY } from '../../fakes/fixtures.ts';
import { threeServers } from './three-servers.ts';

const SETTINGS = { ...DEPLOY.settings, bakeSeconds: 15, drainFloorSeconds: 10, drainSignal: 'auto', maxParallel: 1 } as const;
const deploy = { ...DEPLOY, settings: SETTINGS };
/** A deploy that succeeded, each of whose servers took so long. */
const earlier = (seconds: number): DeployRecord =>
  ({
    deployId: 'd0',
    status: 'SUCCEEDED',
    startedAtMs: 0,
    finishedAtMs: seconds * 1_000,
    targets: {
      'i-1': {
        ...{ phase: 'done', order: 0, startedAtMs: 0, finishedAtMs: seconds * 1_000 },
        phases: [{ phase: 'draining', startedAtMs: 0 }],
      },
    },
  }) as unknown as DeployRecord;

async function warningsOf(servers: number, before: readonly DeployRecord[] = []): Promise<readonly string[]> {
  const { records, members, health, install, lease, assess } = await threeServers(deploy);
  for (let number = 1; number <= servers; number += 1) {
    [members[`i-${number}`], health[`i-${number}`]] = ['InService', 'healthy'];
    await install(`i-${number}`, '1.0.0');
  }
  records.latestDeploys = async () => before;
  await assess({ step: 'preflight', deploy, lease, plan: { from: '1.0.0', to: '2.0.0', targets: [] } });
  return ((await records.getDeploy('web', 'd1'))?.warnings ?? []).filter((warning) => warning.includes('history'));
}

it.each<[string, number, readonly DeployRecord[], readonly RegExp[]]>([
  ['nothing of what has room', 800, [], []],
  ['what is near the end at its fastest', 880, [], [/^880 servers, one at a time and 25\.0 s each, take some 26,000 events/]],
  ['nothing of what has room at the pace of the last deploy', 400, [earlier(100)], []],
  ['what has none at the pace of the last deploy', 400, [earlier(300)], [/^400 servers, one at a time and 5 m 00 s each/]],
])('warns of %s', async (_what, servers, before, words) => {
  expect(await warningsOf(servers, before)).toEqual(words.map((one) => expect.stringMatching(one)));
});

it('refuses what has no room at its fastest', async () => {
  await expect(warningsOf(893)).rejects.toThrow('a deploy of 893 servers, one at a time and 25.0 s each, takes at least 25004 events');
});
