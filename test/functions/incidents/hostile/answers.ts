/** What a server that somebody has taken over can print as its answer to read-logs. */
import type { ReadLogsOutput } from '../../../../functions/incidents/contract/read-logs.ts';
import { FROM_MS, NOW_MS } from '../healthy-evidence.ts';

export type Random = () => number;
export const pick = <Item>(items: readonly Item[], random: Random): Item => items[Math.floor(random() * items.length)] as Item;
const upTo = (most: number, random: Random): number => Math.floor(random() * (most + 1));

/** Nothing of these may come out anywhere. */
export const SECRETS = [
  'mallory@example.com',
  '3BD6A1F00C4E4E0B9A7D5C2211EE4477',
  's%3AJx8aZk3Lm9QwErTyUiOpAsDfGhJkLzXc.sig',
  'deadbeefcafe',
  '10.66.77.88',
  'Mallory',
  'Lm9QwErTyUiOpAsDf',
] as const;
/** What would be markup, or steer a terminal. */
export const MARKS = [
  '<img src=x onerror=alert(1)>',
  '[click](http://evil.example)',
  '\u001b[2J',
  '\u202egnp.exe',
  '`rm -rf`',
  '| cell |',
] as const;
const TEXTS = [...SECRETS, ...MARKS, '__proto__', 'constructor', '', 'x'.repeat(5_000), '\u0000', '\ud800'] as const;
const OTHERS = [1e300, -1, 0.5, 2 ** 60, null, true, [], {}, [[]], { __proto__: null, length: 1e9 }] as const;

/** Words of its own, as far as a form can have them. */
const FORMS = ['ERROR (img src=x onerror=alert(#)>', '[click](evil.example)', '\u202egnp.exe', 'rm -rf', 'session=AbCdEfGhIjKlMn'] as const;

/** An answer that the document could have given. */
export function possibleAnswer(random: Random): ReadLogsOutput {
  const lines = upTo(5_000, random);
  const withSession = upTo(lines, random);
  const isNamed = random() < 0.8;
  const others = upTo(Math.floor(lines / 4), random);
  const fromMs = FROM_MS + upTo(600_000, random);
  const toMs = NOW_MS - upTo(60_000, random);
  const seconds = Math.floor((toMs - fromMs) / 1_000);
  const hashes = Array.from({ length: upTo(60, random) }, () =>
    Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(12, '0'),
  );
  const sessions = [...new Set(hashes)].toSorted().map((hash) => {
    const first = upTo(seconds, random);
    const last = first + upTo(seconds - first, random);
    return `${hash} ${first} ${last} ${Math.min(upTo(6, random), Math.floor(withSession / 60))} ${pick(['-', '0', '1', '0,1'], random)}${pick(['', ' !', ' *', ' *!'], random)}`;
  });
  const category = () => (random() < 0.5 ? 0 : upTo(Math.floor(lines / 5), random));
  const counts = {
    storeConnection: category(),
    readOnly: category(),
    outOfMemory: category(),
    serialization: category(),
    sessionTimeout: category(),
  };
  const times = Object.entries(counts).flatMap(([name, count]) =>
    count > 0 ? [[name, pick([fromMs, toMs - 600_000], random)] as const] : [],
  );
  const created = upTo(withSession, random);
  const agents = ['browser', 'bot', 'health-check', 'script', 'none', 'unknown'] as const;
  return {
    release: pick(['1.4.0', '1.3.0', 'none', '6.6.6-mallory'], random),
    route: pick(['server1', 'server2', 'Mallory'], random),
    access: {
      lines,
      fromMs,
      toMs,
      statuses: { 200: lines - others, 302: others },
      withSession: isNamed ? withSession : null,
      replaced: isNamed ? upTo(withSession, random) : null,
      foreignRoute: isNamed ? upTo(withSession, random) : null,
      routes: ['server1', 'Mallory'],
      sessions,
      allSessions: random() < 0.5,
      allUnknown: random() < 0.5,
      showsAnswered: random() < 0.5,
      created: pick([null, { byAgent: { [pick(agents, random)]: created } }], random),
      fromOtherSite: {
        ...{ withCookie: upTo(others, random), withoutCookie: others, refused: upTo(others, random) },
        ...(random() < 0.5 && { posts: { withCookie: upTo(others, random), withoutCookie: upTo(others, random), refused: 0 } }),
      },
      minutes: [`0 ${lines} ${others} 0 0`],
      paths: [`/Mallory/cart 200:${lines - others},302:${others}`, 'other 0:1'],
      ...{ errors: [`0 ${pick([404, 500], random)} 0:${upTo(lines, random)}`], errorsCut: random() < 0.5, showsLost: random() < 0.8 },
      ...(random() < 0.3 && { partial: true }),
    },
    application: {
      lines,
      ...counts,
      forms: FORMS.map((text) => ({ text, bad: true as const, minute: Math.floor(fromMs / 60_000), counts: [Math.floor(lines / 6)] })),
      firstMs: Object.fromEntries(times),
      lastMs: Object.fromEntries(times.map(([name]) => [name, toMs])),
      minutes: Object.fromEntries(
        times.map(([name]) => [name, [[Math.floor(toMs / 60_000), upTo(counts[name as keyof typeof counts], random)]]]),
      ),
    },
    store: pick(
      [
        { reachable: true },
        { reachable: false, error: 'WRONGPASS' },
        { reachable: false, error: 'ETIMEDOUT: Mallory' },
        { reachable: true, error: 'LOADING' },
      ],
      random,
    ),
    cookie: {
      name: pick(['SID', 'Mallory'], random),
      maxAgeSeconds: pick([null, 60, 1_800, 9_999_999], random),
      sameSite: pick(['Strict', 'Lax', null], random),
      secure: random() < 0.5,
      httpOnly: true,
      slides: pick([true, false, null], random),
    },
    gaps: pick([[], ['mallory@example.com: damaged'], ['Mallory']], random),
  };
}

/** Every place of a JSON value. */
function places(value: unknown, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]))];
}

function withChange(value: unknown, path: readonly (string | number)[], change: (old: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>;
  copy[key] = withChange(copy[key], rest, change);
  return copy;
}

/** The text of an answer: a possible one, one that is changed in some places, or no answer at all. */
export function anyAnswer(random: Random): string {
  if (random() < 0.1) return pick(TEXTS, random);
  let answer: unknown = possibleAnswer(random);
  for (let count = upTo(3, random); count > 0; count -= 1) {
    const place = pick(places(answer), random);
    const value = random() < 0.6 ? pick(TEXTS, random) : pick(OTHERS, random);
    // A key of its own, or a value.
    answer = withChange(answer, place, (old) =>
      random() < 0.3 && typeof old === 'object' && old !== null && !Array.isArray(old) ? { ...old, [pick(TEXTS, random)]: value } : value,
    );
  }
  return JSON.stringify(answer) ?? '';
}
