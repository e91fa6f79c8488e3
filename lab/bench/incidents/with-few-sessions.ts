/** A recorded bundle is a test's input: of each server's sampled sessions, the first ones by their hash, the same on every server. Pure. */
import type { Evidence } from '../../../functions/incidents/contract/evidence.ts';

const MOST_SESSIONS = 60;

export function withFewSessions(evidence: Evidence): Evidence {
  const { servers: collected } = evidence.sources;
  if (!collected || 'gap' in collected) return evidence;
  const servers = collected.facts.servers.map((server) => {
    const { access } = server;
    if (!access) return server;
    const sessions = Object.fromEntries(
      Object.entries(access.sessions)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, MOST_SESSIONS),
    );
    return { ...server, access: { ...access, sessions } };
  });
  return { ...evidence, sources: { ...evidence.sources, servers: { ...collected, facts: { servers } } } };
}
