/** One case: traffic before, while and after it, what its users lost, and what the servers have then. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startTraffic, type Traffic } from '../../../demo/traffic/client.ts';
import type { TrafficOptions } from '../../../demo/traffic/contract.ts';
import { CASES, type CaseRun } from './cases.ts';
import type { BundleCaseName, BundleFleetName, JudgedCase } from './judge-bundles.ts';
import { type BundleFleet, FIRST } from './stand.ts';

const STEADY_MS = 3_000;
const USERS: Readonly<Record<BundleFleetName, readonly Pick<TrafficOptions, 'users' | 'loginPath' | 'countPath'>[]>> = {
  node: [{ users: 12 }],
  tomcat: ['/shop', '/admin'].map((app) => ({ users: 6, loginPath: `${app}/login`, countPath: `${app}/count` })),
};
const THINK_MS = 400;

export async function runCase(name: BundleCaseName, fleet: BundleFleet, run: CaseRun, log: (line: string) => void): Promise<JudgedCase> {
  const { kind, url } = fleet;
  const servers = await fleet.servers();
  const inMemory = () => Promise.all(servers.map(async (server) => (await fleet.stateOf(server)).sessions));
  const earlier = await inMemory();
  const traffics: Traffic[] = USERS[kind.name].map((users) => startTraffic({ url, thinkTimeMs: THINK_MS, ...users }));
  try {
    await Promise.all(traffics.map(({ ready }) => ready));
    const held = (await inMemory()).map((sessions, at) => sessions - (earlier[at] ?? 0));
    await sleep(STEADY_MS);
    const begunMs = Date.now();
    log(`${kind.name}: ${name}`);
    const failure = (error: Error) => [error.message];
    const { rolledBack, problems } = await CASES[name](fleet, run).catch((error: Error) => ({
      rolledBack: false,
      problems: failure(error),
    }));
    const uniform = await unlike(fleet, run).catch(failure);
    await sleep(STEADY_MS);
    const reports = await Promise.all(traffics.map((traffic) => traffic.stop()));
    const sum = (key: 'requests' | 'failed' | 'sessionsLost') => reports.reduce((all, report) => all + report[key], 0);
    for (const { failedBy } of reports) if (failedBy.length > 0) log(`failed: ${JSON.stringify(failedBy)}`);
    const restarted = new Set(
      fleet
        .events(begunMs)
        .filter(({ event }) => event === 'ApplicationStop' || event === 'ApplicationStart')
        .map(({ server }) => server),
    );
    return {
      ...{ name, fleet: kind.name, requests: sum('requests'), failed: sum('failed'), sessionsLost: sum('sessionsLost') },
      expectedLost: servers.reduce((all, server, at) => all + (restarted.has(server) ? (held[at] ?? 0) : 0), 0),
      rolledBack,
      problems: [...problems, ...uniform],
    };
  } finally {
    await Promise.all(traffics.map((traffic) => traffic.stop().catch(() => {})));
  }
}

/** Every server has this one release, and no file of another. */
async function unlike(fleet: BundleFleet, { current: version, launched }: CaseRun): Promise<string[]> {
  const servers = await fleet.servers();
  await fleet.untilHealthy(servers.length);
  const records = await fleet.store.records.getInstances(fleet.kind.name);
  const found = await Promise.all(
    servers.map(async (server) => {
      const { version: serves, release, notes } = await fleet.stateOf(server);
      const recorded = records.find(({ instanceId }) => instanceId === server)?.version;
      const own = launched.includes(server) ? notes.filter((note) => note !== FIRST) : notes;
      const seen = { serves, release, recorded, notes: own.join() };
      const isSo = Object.values(seen).every((value) => value === version);
      return isSo ? [] : [`${server} is not at ${version} alone: ${JSON.stringify(seen)}`];
    }),
  );
  return found.flat();
}
