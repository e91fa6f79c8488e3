/** The mitigations of a store that is away, by the functions' own cores. */
import type { Mitigation, MitigationName } from '../../../../functions/incidents/contract/mitigations.ts';
import { createPromoteReplica } from '../../../../functions/incidents/mitigate/promote-replica.ts';
import { createReLoginPage } from '../../../../functions/incidents/mitigate/re-login-page.ts';
import type { StoreWitnesses } from '../../../../functions/incidents/mitigate/store-witnesses.ts';
import type { fakePage, fakeStoreGroup } from './fakes.ts';

const MINUTE = 60_000;
const SERVERS = ['i-1', 'i-2', 'i-3'];
const STICKY = { enabled: true, type: 'lb_cookie', durationSeconds: 86_400 } as const;
export const LONGEST_MINUTES = 120;
const PAGE = {
  ...{ hosts: [], paths: ['/*'], priorities: { first: 1, last: 50 }, language: 'en', retrySeconds: 10 },
  ...{ title: 'Back in a minute', message: 'Please log in again then.', retry: 'Try again' },
};

interface Given {
  /** What is true now: a test changes it. */
  readonly world: { readonly isUp: boolean };
  readonly witnesses: StoreWitnesses;
  readonly storeGroup: ReturnType<typeof fakeStoreGroup>;
  readonly rules: ReturnType<typeof fakePage>['rules'];
  readonly now: () => number;
}

export function mitigationsIn({ world, witnesses, storeGroup, rules, now }: Given): Partial<Record<MitigationName, Mitigation>> {
  const shared = {
    ...{ now, witnesses, longestMs: LONGEST_MINUTES * MINUTE },
    fleets: { web: { targetGroupArn: 'tg', strategy: 'redis' as const, expectedStickiness: STICKY, reLoginPage: PAGE } },
    readServers: async () => SERVERS.map((instanceId) => ({ instanceId, ready: world.isUp })),
  };
  const lastLag = async () => ({ atMs: now(), seconds: 1, bytes: 0 });
  return {
    're-login-page': createReLoginPage({ ...shared, installation: 'holdfast', rules, areHurt: async () => true }),
    'promote-replica': createPromoteReplica({ ...shared, group: storeGroup, lastLag }),
  } as Partial<Record<MitigationName, Mitigation>>;
}
