import type { PageKeys, Repaired, RepairRequest, Sample, SweepStore } from '../store/sweep-store.ts';

/**
 * A replica's page without what it cannot know: idle times, since reads are not replicated; and keys that have expired by its own
 * clock, which it lists until the primary removes them.
 */
export const asReplicaPage = <Keys extends PageKeys>(page: Keys): Keys => ({
  ...page,
  persistentKeys: page.persistentKeys.map((persistentKey) => ({ ...persistentKey, idleSeconds: undefined })),
  samples: page.samples.filter(exists),
  larger: page.larger.filter(exists),
});

const exists = ({ type }: Sample): boolean => type !== 'none';

/**
 * Values are read from the replica, which takes no time of the primary and does not count as use there. Every write and the checks
 * before it, of type, TTL and use, are the primary's. A dry run writes nothing: its checks are the replica's, except those of idle
 * times.
 */
export const withReadsOf = (replica: SweepStore, primary: SweepStore): SweepStore => ({
  ...primary,
  readsKeepIdle: true,
  readValues: (wanted, together) => replica.readValues(wanted, together),
  async repair(requests, dry) {
    if (!dry) return primary.repair(requests, dry);
    const [ofPrimary, ofReplica] = [requests.filter(checksIdle), requests.filter((request) => !checksIdle(request))];
    const onReplica = await repairIfAny(replica, ofReplica);
    const onPrimary = await repairIfAny(primary, ofPrimary);
    const outcomes = new Map([...zip(ofReplica, onReplica), ...zip(ofPrimary, onPrimary)]);
    const interruption = onReplica.interruption ?? onPrimary.interruption;
    return { outcomes: requests.map((request) => outcomes.get(request)), ...(interruption && { interruption }) };
  },
});

const checksIdle = ({ guard }: RepairRequest): boolean =>
  guard.kind === 'idle' || ('idleSeconds' in guard && guard.idleSeconds !== undefined);

const repairIfAny = async (store: SweepStore, requests: readonly RepairRequest[]): Promise<Repaired> =>
  requests.length === 0 ? { outcomes: [] } : store.repair(requests, true);

const zip = (requests: readonly RepairRequest[], { outcomes }: Repaired) => requests.map((request, at) => [request, outcomes[at]] as const);
