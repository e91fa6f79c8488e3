/** What is true of an application's cookies and pages, from what it has answered. */
import type { Answer, Cookie } from './browser.ts';
import type { Experiments, Truth } from './establish.ts';

const YEAR_SECONDS = 31_536_000;
const SHORTEST = 12;
const LEAST_BITS = 128;

export function attributesOf({ name, attributes }: Cookie): string[] {
  const has = (pattern: RegExp) => pattern.test(attributes);
  return [
    ...(has(/(^|; )secure(;|$)/i) ? [] : [`cookie-not-secure ${name}`]),
    ...(has(/(^|; )httponly(;|$)/i) ? [] : [`cookie-readable-by-scripts ${name}`]),
    ...(has(/(^|; )domain=/i)
      ? [`cookie-for-other-hosts ${name}`]
      : /^__(Host|Secure)-/.test(name)
        ? []
        : [`cookie-without-prefix ${name}`]),
    ...(has(/(^|; )samesite=(lax|strict)(;|$)/i) ? [] : [`cookie-sent-cross-site ${name}`]),
  ];
}

const headerOf = ({ headers }: Answer, name: string): string => [headers[name] ?? ''].flat().join(', ');

/** At most: what each place of the value can carry, where the values differ there. */
function bitsOf(values: readonly string[]): number {
  const places = Array.from({ length: Math.min(...values.map(({ length }) => length)) }, (_, at) => values.map((value) => value[at] ?? ''));
  const differing = places.filter((place) => new Set(place).size > 1);
  const kind = differing.flat().join('');
  const size = /^\d*$/.test(kind) ? 10 : /^[\da-f]*$/i.test(kind) ? 16 : /^([\da-z]*|[\dA-Z]*)$/.test(kind) ? 36 : 62;
  return Math.floor(differing.length * Math.log2(size));
}

function strengthOf(ids: readonly string[], values: readonly (readonly string[])[]) {
  const seen = Object.fromEntries(ids.map((id, at) => [id, { ids: new Set(values[at]).size, bits: bitsOf(values[at] ?? []) }]));
  return { findings: ids.filter((id) => (seen[id]?.bits ?? 0) < LEAST_BITS).map((id) => `id-too-short ${id}`), seen };
}

function exposureOf(answers: readonly Answer[], values: readonly string[]) {
  const forms = [...new Set(values.flatMap((value) => [value, decodeURIComponent(value)]))].filter(({ length }) => length >= SHORTEST);
  const [urls, bodies] = [new Set<string>(), new Set<string>()];
  for (const answer of answers) {
    const path = new URL(answer.url).pathname;
    for (const form of forms) {
      if (answer.url.includes(form) || headerOf(answer, 'location').includes(form)) urls.add(path);
      const at = answer.body.indexOf(form);
      if (at >= 0) (/[;?&][\w.-]+=$/.test(answer.body.slice(0, at)) ? urls : bodies).add(path);
    }
  }
  return {
    findings: [...(urls.size > 0 ? ['id-in-url'] : []), ...(bodies.size > 0 ? ['id-in-body'] : [])],
    seen: { urls: [...urls], bodies: [...bodies] },
  };
}

/** Whatever these cookies were set to, also before a login. */
const valuesGiven = (answers: readonly Answer[], ids: readonly string[]): readonly string[] =>
  answers.flatMap(({ headers }) =>
    [headers['set-cookie'] ?? []]
      .flat()
      .map((line) => /^([^=]+)=([^;]*)/.exec(line) ?? [])
      .flatMap(([, name = '', value = '']) => (ids.includes(name) ? [value] : [])),
  );

/** Every check of the recipe, in one go: some two minutes. */
export async function establishTruth(experiments: Experiments, plainUrl: string): Promise<{ ids: readonly string[]; checks: Truth }> {
  await experiments.control();
  const ids = await experiments.ids();
  const samples: Cookie[][] = [];
  for (let times = 0; times < 12; times += 1) {
    const browser = await experiments.logIn();
    samples.push(browser.cookies);
    await experiments.use.logOut(browser);
  }
  const a = await experiments.logIn();
  const page = await a.once(experiments.use.who);
  const cached = [];
  for (const one of experiments.pages) cached.push(headerOf(await a.once(one), 'cache-control'));
  const plain = await fetch(new URL(experiments.use.who, plainUrl), { redirect: 'manual' });
  const hsts = Number(/max-age="?(\d+)/.exec(headerOf(page, 'strict-transport-security'))?.[1] ?? 0);
  const isRedirected = plain.status >= 300 && plain.status < 400 && (plain.headers.get('location') ?? '').startsWith('https:');
  const readValue = (cookies: readonly Cookie[], id: string) => cookies.find(({ name }) => name === id)?.value ?? '';
  const values = ids.map((id) => samples.map((cookies) => readValue(cookies, id)));
  const checks = {
    'new-id-at-login': await experiments.newIdAtLogin(ids),
    'new-id-at-re-login': await experiments.newIdAtReLogin(ids),
    'foreign-id': await experiments.foreignId(ids),
    'replay-after-logout': await experiments.replay(),
    ...(await experiments.limits()),
    'cookie-attributes': {
      findings: a.cookies.filter(({ name }) => ids.includes(name)).flatMap(attributesOf),
      seen: a.cookies.map(({ name, attributes }) => `${name}; ${attributes}`),
    },
    caching: {
      findings: cached.every((one) => /(^|,\s*)no-store/i.test(one)) ? [] : ['page-cacheable'],
      seen: cached.join(' | '),
    },
    transport: {
      findings: [...(hsts >= YEAR_SECONDS ? [] : ['no-hsts']), ...(isRedirected ? [] : ['plain-http-served'])],
      seen: { hsts, plain: plain.status },
    },
    'id-strength': strengthOf(ids, values),
  };
  const exposed = exposureOf(experiments.place.answers, valuesGiven(experiments.place.answers, ids));
  return { ids, checks: { ...checks, 'id-exposure': exposed } };
}
