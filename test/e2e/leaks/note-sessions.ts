import { SHORTEST } from '../../leaks/forms-of-secret.ts';
import { withStore } from '../open-store.ts';
import { noteSecrets } from './noted-secrets.ts';

/** Notes the ids of the sessions that are in the store now: the part of a key after its last colon. */
export const noteSessions = (): Promise<number> =>
  withStore(async (store) => {
    const ids = new Set<string>();
    for await (const keys of store.scanStream({ match: 'sess:*', count: 1_000 }))
      for (const key of keys as string[]) ids.add(key.slice(key.lastIndexOf(':') + 1));
    const found = [...ids].filter((id) => id.length >= SHORTEST);
    noteSecrets(found.map((value) => ({ kind: 'session id', value })));
    return found.length;
  });
