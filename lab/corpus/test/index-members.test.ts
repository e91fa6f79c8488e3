/** Spring's recorded indexes of users, with ids of other generators: on a real server, members without a session go, and no other does. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { summarize } from '../../../functions/sweep/report/make-report.ts';
import { type RealStore, startStore } from '../../../test/functions/sweep/real-store.ts';
import { runSweep } from '../../../test/functions/sweep/run-sweep.ts';
import { keyAt, plant } from '../check/plant.ts';
import { type RecordedKey, readRecordings } from '../recordings/recording.ts';

let store: RealStore;
beforeAll(async () => {
  store = await startStore();
  await store.redis.call('ACL', 'SETUSER', 'no-scripts', 'on', 'nopass', '~*', '+@all', '-eval', '-eval_ro', '-evalsha', '-evalsha_ro');
});
afterAll(() => store?.stop());

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g;
const base64url = (id: string) => createHash('sha256').update(id).digest('base64url');
const FORMS: Readonly<Record<string, (id: string) => string>> = {
  'a UUID': (id) => id,
  'upper case': (id) => id.toUpperCase(),
  base64url,
  'base64url with a route': (id) => `${base64url(id)}.node1`,
};
const JDK = '\xac\xed\x00\x05t';

function withIds(key: RecordedKey, form: (id: string) => string): RecordedKey {
  const name = key.name.replace(UUID, form);
  if (key.type !== 'set') return { ...key, name };
  const value = key.value.map((member) => {
    const text = member.startsWith(JDK) ? member.slice(7) : member;
    const other = text.replace(UUID, form);
    return member.startsWith(JDK) ? `${JDK}\0${String.fromCharCode(other.length)}${other}` : other;
  });
  return { ...key, name, value };
}

const recordings = readRecordings();
const NAMES = ['spring-session-4-indexed-jdk', 'spring-session-3-indexed-json', 'spring-session-3-indexed-jdk-namespace'];

describe.each(NAMES)('%s', (name) => {
  const keys = (recordings.get(name)?.keys ?? []).map((key) => keyAt(key, Date.now()));
  const isIndexOf = (user: string) => (key: RecordedKey) => key.name.endsWith(`PRINCIPAL_NAME_INDEX_NAME:${user}`);
  const idOf = (user: string) => {
    const index = keys.find(isIndexOf(user));
    return String(index?.type === 'set' && index.value.join()).match(UUID)?.[0] ?? '';
  };

  /** Ann's session is there; Eve's has ended without Spring. */
  async function sweepWith(form: (id: string) => string, isAlive: (key: RecordedKey) => boolean, user?: string) {
    await store.redis.flushall();
    const planted = keys.filter(isAlive).map((key) => withIds(key, form));
    await plant(store.redis, planted, 'none');
    const connect = async () => {
      const one = await store.connect();
      if (user) await one.call('AUTH', user, '');
      return one;
    };
    const checkpoint = await runSweep(connect, { settings: { reconcile: true } });
    const left = async (of: string) => store.redis.scard(planted.find(isIndexOf(of))?.name ?? '');
    return { tally: checkpoint.tally, summary: summarize([checkpoint]), ann: await left('ann'), eve: await left('eve') };
  }
  const eveIsGone = ({ name: own }: RecordedKey) => !own.endsWith(idOf('eve'));

  it.each(Object.entries(FORMS))('ids as %s: the member without a session is removed', async (_, form) => {
    expect(await sweepWith(form, eveIsGone)).toMatchObject({ ann: 1, eve: 0, tally: { reconciled: 1, notJudged: 0 } });
  });

  it.each(Object.entries(FORMS).slice(1))('ids as %s: none is removed where no session has such an id', async (_, form) => {
    const isIndex = ({ name: own }: RecordedKey) => own.includes('PRINCIPAL_NAME_INDEX_NAME:');
    expect(await sweepWith(form, isIndex)).toMatchObject({ ann: 1, eve: 1, tally: { reconciled: 0, notJudged: 2 } });
  });

  it.each(Object.entries(FORMS).slice(2))('ids as %s: none is judged by a user without scripts', async (_, form) => {
    expect(await sweepWith(form, eveIsGone, 'no-scripts')).toMatchObject({ ann: 1, eve: 1, tally: { reconciled: 0, notJudged: 2 } });
  });

  it('a UUID is judged by a user without scripts too', async () => {
    expect(await sweepWith((id) => id, eveIsGone, 'no-scripts')).toMatchObject({ ann: 1, eve: 0, tally: { reconciled: 1, notJudged: 0 } });
  });
});
