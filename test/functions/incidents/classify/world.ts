/**
 * Situations from a model of an installation: what every source shows of a fault, whole or with sources that are missing, late or a lie.
 * It imports nothing that classifies.
 */
import type { Evidence, Facts, Source } from '../../../../functions/incidents/contract/evidence.ts';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import { access, evidence, FROM_MS, IN_MEMORY, NOW_MS, SIGN_MS, server, traces } from '../healthy-evidence.ts';
import { CUT_OFF, cookie, type Fault, INVENTED, logged } from './world-parts.ts';

type Random = () => number;

export const pick = <Item>(items: readonly Item[], random: Random): Item => items[Math.floor(random() * items.length)] as Item;

/** What all sources show of a fault, on two to five servers. */
export function shown({ memory, sources = {}, ofServer = () => ({}), lasts }: Fault, random: Random): Evidence {
  const ids = Array.from({ length: 2 + Math.floor(random() * 4) }, (_, index) => `i-${index + 1}`);
  const servers = ids.map((id, index) => server(id, ofServer(id, index, ids.length)));
  const planted = evidence({ ...(memory && { balancer: IN_MEMORY }), ...sources, servers: { servers } });
  return lasts ? { ...planted, lookBefore: { atMs: NOW_MS - 150_000, sources: planted.sources } } : planted;
}

const facts = <S extends Source>(whole: Evidence, source: S): Facts[S] | undefined => {
  const collected = whole.sources[source];
  return collected && 'facts' in collected ? (collected.facts as Facts[S]) : undefined;
};
const withFacts = <S extends Source>(whole: Evidence, source: S, change: (known: Facts[S]) => Facts[S]): Evidence => {
  const known = facts(whole, source);
  if (known === undefined) return whole;
  return { ...whole, sources: { ...whole.sources, [source]: { takenAtMs: NOW_MS, facts: change(known) } } };
};

/** What is there as well, and is no trouble. */
const CONFOUNDERS: readonly ((whole: Evidence) => Evidence)[] = [
  // A scanner.
  (whole) =>
    withFacts(
      withFacts(whole, 'traffic', (known) => ({ ...known, now: { ...known.now, clientErrorPercent: 40 } })),
      'servers',
      ({ servers }) => ({
        servers: servers.map((one) => ({
          ...one,
          ...(one.access && { access: { ...one.access, statuses: { ...one.access.statuses, 404: 900 } } }),
        })),
      }),
    ),
  // The same one invents ids, and pretends to come from another site.
  (whole) =>
    withFacts(whole, 'servers', ({ servers }) => ({
      servers: servers.map((one) => ({
        ...one,
        ...(one.access && {
          access: {
            ...one.access,
            sessions: { ...one.access.sessions, ...INVENTED },
            fromOtherSite: { withCookie: 0, withoutCookie: 900, refused: 900 },
          },
        }),
      })),
    })),
  // Visitors' requests for /redis/timeout, /READONLY and /deserialize-session.
  (whole) =>
    withFacts(whole, 'servers', ({ servers }) => ({
      servers: servers.map((one) => ({
        ...one,
        ...(one.application && {
          application: {
            ...one.application,
            ...{ storeConnection: 9, readOnly: 9, outOfMemory: 9, serialization: 9, sessionSerialization: 9 },
            firstMs: { storeConnection: FROM_MS, readOnly: FROM_MS, outOfMemory: FROM_MS, serialization: FROM_MS },
            lastMs: { storeConnection: NOW_MS, readOnly: NOW_MS, outOfMemory: NOW_MS, serialization: NOW_MS },
          },
        }),
      })),
    })),
  // Another fleet's application has an old password.
  (whole) =>
    withFacts(whole, 'readings', (known) => ({ ...known, reading: known.reading && { ...known.reading, authenticationFailures: 60 } })),
  // The collector has not worked for an hour: its last reading is of another trouble.
  (whole) =>
    withFacts(whole, 'readings', (known) => ({
      ...known,
      reading: known.reading && { ...known.reading, takenAtMs: FROM_MS, evictions: 400, growthBytesPerHour: 9_000_000, refusedWrites: 900 },
    })),
  // A large key was written.
  (whole) =>
    withFacts(whole, 'readings', (known) => ({
      ...known,
      reading: known.reading && { ...known.reading, evictions: Math.max(3, known.reading.evictions ?? 0) },
    })),
  (whole) =>
    withFacts(whole, 'storeGroup', (known) => ({
      ...known,
      events: [...known.events, { atMs: SIGN_MS, message: 'Automatic failover has been turned on for replication group sessions' }],
    })),
];

/** Sources that AWS has minutes late, or that the collector writes once a minute. */
const LATE: readonly Source[] = ['traffic', 'readings', 'storeGroup', 'changes'];
const LIES: readonly ((id: string) => Partial<ServerFacts>)[] = [
  () => ({ store: { reachable: true } }),
  () => ({ ...CUT_OFF, application: logged('storeConnection', 900) }),
  () => ({ store: { reachable: false, error: 'WRONGPASS' } }),
  (id) => ({ access: access(id, { sessions: traces(`lie-${id}`, 60, { lost: true }), replaced: 900 }) }),
  (id) => ({
    access: access(id, { fromOtherSite: { withCookie: 0, withoutCookie: 900, refused: 900 } }),
    ...cookie({ sameSite: 'Strict' }),
  }),
  (id) => ({ access: access(id, { lines: 9_000, created: { byAgent: { bot: 9_000 }, byPath: { '/': 9_000 } } }) }),
  // It claims what clients sent to all of them.
  (id) => ({ access: access(id, { sessions: { ...traces(id, 20), ...traces('invented', 40) } }) }),
  () => ({ ...cookie({ maxAgeSeconds: 20, slides: false }), application: { ...logged('serialization', 900), sessionSerialization: 900 } }),
];

/** The same with sources that are missing or late, and one server of three or more that lies. */
export function degraded(whole: Evidence, random: Random): { readonly seen: Evidence; readonly liar?: string } {
  let seen = whole;
  for (const confounder of CONFOUNDERS) if (random() < 0.3) seen = confounder(seen);
  const healthy = evidence();
  for (const source of Object.keys(seen.sources) as Source[]) {
    if (random() < 0.15) seen = { ...seen, sources: { ...seen.sources, [source]: { gap: 'it did not answer' } } };
    else if (LATE.includes(source) && random() < 0.2) seen = { ...seen, sources: { ...seen.sources, [source]: healthy.sources[source] } };
  }
  const servers = facts(seen, 'servers')?.servers ?? [];
  const liar = pick(servers, random)?.instanceId;
  if (liar === undefined || servers.length < 3 || random() < 0.5) return { seen };
  const lie = pick(LIES, random)(liar);
  const lying = withFacts(seen, 'servers', () => ({ servers: servers.map((one) => (one.instanceId === liar ? { ...one, ...lie } : one)) }));
  return { seen: lying, liar };
}
