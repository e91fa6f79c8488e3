/** Tries the session gate on pairs of releases: what came out, next to what is right. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { CertificateAuthority } from '#local-aws/interfaces.ts';
import { createCertificateAuthority } from '#local-aws/tls/authority.ts';
import { GATE_LIMITS, type GateVerdict } from '../../functions/gate/contract.ts';
import { sendHttp } from '../../functions/shared/send-http.ts';
import { startCrowd } from '../../lab/bench/people/crowd.ts';
import { type Process, startStore } from '../examples/processes.ts';
import { createFinder } from '../leaks/find-secrets.ts';
import { SHORTEST } from '../leaks/forms-of-secret.ts';
import { until } from '../until.ts';
import { OBSTACLES, type Obstacle, STORE_AWAY_MS } from './not-checked.ts';
import { noteOthersSessions } from './others-sessions.ts';
import { GOOD, type GoodPair, INCOMPATIBLE, type IncompatiblePair } from './pairs.ts';
import { type GateRun, type Place, runGate, runGates } from './run-gate.ts';
import { type Site, type SiteOptions, STORE_PASSWORD, startSite } from './two-releases.ts';

interface Tally {
  readonly incompatible: { pairs: number; refused: number; readonly missed: string[] };
  readonly good: { runs: number; refused: number };
  readonly notChecked: { tried: number; named: number };
  usersLoggedOut: number;
  longestSeconds: number;
  mostRequests: number;
  /** What is not as it should be, as sentences. */
  readonly problems: string[];
}

/** They ask all the time for pages of the old release. */
const CROWD = { users: 200, everyMs: 12_000 } as const;
/** Until all of them have logged in. */
const ENTER_MS = 6_000;
const PROMPT_MS = 300;
const READY_MS = 60_000;
/** Timers are late on a busy machine. */
const LONGEST_SECONDS = GATE_LIMITS.seconds + 0.5;

class Laboratory {
  readonly tally: Tally = {
    ...{ incompatible: { pairs: 0, refused: 0, missed: [] }, good: { runs: 0, refused: 0 }, notChecked: { tried: 0, named: 0 } },
    ...{ usersLoggedOut: 0, longestSeconds: 0, mostRequests: 0, problems: [] },
  };
  readonly #folder: string;
  readonly #authority: CertificateAuthority;
  readonly #store: Process;
  readonly #say: (line: string) => void;
  #sites = 0;

  private constructor(folder: string, authority: CertificateAuthority, store: Process, say: (line: string) => void) {
    this.#folder = folder;
    this.#authority = authority;
    this.#store = store;
    this.#say = say;
  }

  static async open(say: (line: string) => void): Promise<Laboratory> {
    const folder = await mkdtemp(path.join(tmpdir(), 'session-gate-'));
    return new Laboratory(folder, await createCertificateAuthority(folder), await startProtectedStore(), say);
  }

  async close(): Promise<void> {
    await this.#store.stop('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Forward and back, by two addresses and by a header. */
  async refuse(pair: IncompatiblePair): Promise<void> {
    const { incompatible } = this.tally;
    incompatible.pairs += 1;
    const expected = [pair.found, pair.swapped ?? pair.found];
    const byHeader = incompatible.pairs % 2 === 0;
    const runs = await this.#withCrowd(pair, (site) =>
      Promise.all([{ byHeader }, { byHeader, swapped: true }].map((how) => runGate(site, this.#place, how))),
    );
    const wrong = runs.flatMap((run, index) => {
      const found = run.result?.findings.map(({ check }) => check) ?? [];
      const right = expected[index] as readonly string[];
      const isRight = run.code === 5 && run.result?.verdict === 'incompatible' && JSON.stringify(found) === JSON.stringify(right);
      return isRight
        ? []
        : [`${pair.name}, ${index === 0 ? 'forward' : 'back'}: ${right.join(' and ')} is right, and this came out: ${shown(run)}`];
    });
    if (wrong.length === 0) incompatible.refused += 1;
    incompatible.missed.push(...wrong);
    for (const line of wrong) this.#say(line);
    this.#say(`${pair.name}: ${wrong.length === 0 ? `refused for ${expected.map((one) => one.join(' and ')).join(', and ')}` : 'MISSED'}`);
  }

  /** @param runs half of them with the new release in the place of the old one, half of them by a header */
  async pass(pair: GoodPair, runs: number): Promise<void> {
    const hows = Array.from({ length: runs }, (_, index) => ({ swapped: index % 2 === 1, byHeader: index % 4 > 1 }));
    const results = await this.#withCrowd(pair, (site) => runGates(site, this.#place, hows));
    const refused = results.filter(({ code, result }) => code !== 0 || result?.verdict !== 'compatible');
    this.tally.good.runs += results.length;
    this.tally.good.refused += refused.length;
    this.#complain(refused.map((run) => `${pair.name} is good, and this came out: ${shown(run)}`));
    this.#say(`${pair.name}: ${results.length - refused.length} of ${results.length} runs passed`);
  }

  async hinder({ name, says, site: differs, onlyOld, storeEndsAfter, keepsData }: Obstacle): Promise<void> {
    const { notChecked } = this.tally;
    notChecked.tried += 1;
    const own = storeEndsAfter === undefined ? undefined : await startProtectedStore();
    const site = await this.#start({ app: 'express', next: {}, ...differs, ...(own && { storePort: own.port }) });
    let store = own;
    const replica = own && keepsData ? await startReplica(own.port) : undefined;
    try {
      const running = runGate(site, this.#place, { ...(onlyOld && { onlyOld }) });
      if (own && storeEndsAfter !== undefined) {
        await until(() => arrivedAt(site) >= storeEndsAfter, `${storeEndsAfter} requests have arrived`);
        await own.stop('SIGKILL');
        store = replica;
        if (replica) await promote(replica, own.port);
        else {
          await sleep(STORE_AWAY_MS);
          store = await startProtectedStore(own.port);
        }
      }
      const run = await running;
      this.#note(site, run);
      const { verdict, reason = '' } = run.result ?? {};
      const isUnharmed = keepsData === true && run.code === 0 && verdict === 'compatible';
      const isNamed = isUnharmed || (run.code === 4 && verdict === ('not checked' satisfies GateVerdict) && says.test(reason));
      const arrived = arrivedAt(site);
      this.tally.mostRequests = Math.max(this.tally.mostRequests, arrived);
      if (arrived > GATE_LIMITS.requests) this.#complain([`${name}: ${arrived} requests arrived`]);
      if (isNamed) notChecked.named += 1;
      else this.#complain([`${name} is not to be checked, and this came out: ${shown(run)}`]);
      this.#say(`${name}: ${isUnharmed ? verdict : isNamed ? reason : 'NOT NAMED'}`);
    } finally {
      await site.stop();
      await store?.stop('SIGKILL');
    }
  }

  async #start(differs: Pick<SiteOptions, 'app' | 'next'> & Partial<SiteOptions>): Promise<Site> {
    const number = ++this.#sites;
    return startSite({
      ...{ folder: path.join(this.#folder, `site-${number}`), authority: this.#authority, storePort: this.#store.port },
      ...{ keyPrefix: `site${number}:`, old: {}, ...differs },
    });
  }

  async #withCrowd({ app, old = {}, next }: GoodPair, gates: (site: Site) => Promise<readonly GateRun[]>): Promise<readonly GateRun[]> {
    const site = await this.#start({ app, old, next });
    const crowd = startCrowd({ url: site.url, caFile: this.#authority.caFile }, CROWD);
    try {
      await sleep(ENTER_MS);
      await settle(site, this.#authority.caPem);
      const others = await noteOthersSessions(site, this.#store.port, this.#authority.caPem);
      crowd.mark('no release');
      const runs = await gates(site);
      for (const run of runs) this.#note(site, run);
      // Each user asks once more.
      await sleep(CROWD.everyMs * 1.25);
      const touched = await others.touched();
      this.tally.usersLoggedOut += touched;
      if (touched > 0) this.#complain([`${app}: ${touched} sessions of others were touched`]);
      this.#say(`  ${app}: ${others.count} sessions of others are in the store, ${touched} of them touched`);
      return runs;
    } finally {
      const { byKind, requests } = await crowd.stop();
      await site.stop();
      const loggedOut = (byKind['sent away'] ?? 0) + (byKind['refused'] ?? 0);
      this.tally.usersLoggedOut += loggedOut;
      if (loggedOut > 0) this.#complain([`${app}: ${loggedOut} of the crowd were logged out`]);
      this.#say(`  ${app}: ${CROWD.users} users, ${requests} requests, met ${JSON.stringify(byKind)}`);
    }
  }

  get #place(): Place {
    return { folder: this.#folder, caFile: this.#authority.caFile };
  }

  #complain(problems: readonly string[]): void {
    this.tally.problems.push(...problems);
    for (const problem of problems) this.#say(problem);
  }

  #note(site: Site, run: GateRun): void {
    const { tally } = this;
    const { seconds = 0, sent: { requests } = { requests: 0 } } = run.result ?? {};
    tally.longestSeconds = Math.max(tally.longestSeconds, seconds);
    tally.mostRequests = Math.max(tally.mostRequests, requests);
    if (seconds > LONGEST_SECONDS || requests > GATE_LIMITS.requests) this.#complain([`beyond the limits: ${shown(run)}`]);
    const secrets = [...run.passwords, STORE_PASSWORD, ...site.watched.flatMap((one) => [...one.cookies])];
    const finder = createFinder(secrets.filter(({ length }) => length >= SHORTEST).map((value) => ({ kind: 'password or cookie', value })));
    this.#complain(finder.find(run.printed).map((kind) => `the command printed a ${kind}`));
  }
}

const arrivedAt = ({ watched }: Site): number => watched.reduce((sum, one) => sum + one.requests(), 0);

const shown = ({ code, result, printed }: GateRun): string =>
  result === undefined ? `code ${code}: ${printed.slice(0, 1_000)}` : `code ${code}: ${JSON.stringify(result)}`;

/** Both releases answer promptly: programs have compiled what they need, and the crowd has logged in. */
async function settle({ url, testUrl }: Site, ca: string): Promise<void> {
  const isPrompt = async (base: string) => {
    const askedAtMs = Date.now();
    const call = { method: 'GET', url: new URL('/account', base), headers: {} };
    const { status } = await sendHttp(call, { timeoutMs: READY_MS, mostBytes: 10_000, ca }).catch(() => ({ status: 0 }));
    return status === 302 && Date.now() - askedAtMs < PROMPT_MS;
  };
  await until(
    async () => (await isPrompt(url)) && (await isPrompt(testUrl)) && (await isPrompt(url)),
    'both releases answer promptly',
    READY_MS,
  );
}

async function startProtectedStore(port?: number): Promise<Process> {
  const store = await startStore(port);
  const client = new Redis(store.port);
  await client.config('SET', 'requirepass', STORE_PASSWORD);
  client.disconnect();
  return store;
}

async function startReplica(port: number): Promise<Process> {
  const replica = await startProtectedStore();
  const client = clientOf(replica.port);
  await client.config('SET', 'masterauth', STORE_PASSWORD);
  await client.replicaof('127.0.0.1', port);
  await until(async () => /master_link_status:up/.test(await client.info('replication')), 'the replica has what its primary has');
  client.disconnect();
  return replica;
}

/** To the address that applications know. */
async function promote(replica: Process, port: number): Promise<void> {
  const client = clientOf(replica.port);
  await client.replicaof('NO', 'ONE');
  await client.config('SET', 'port', port);
  client.disconnect();
}

const clientOf = (port: number) => new Redis({ port, password: STORE_PASSWORD });

/** Pairs side by side: gates mostly wait for their next request. */
const AT_ONCE = 5;
/** Between their beginnings: programs are busy while they start. */
const APART_MS = 5_000;

interface Options {
  readonly wanted: (name: string) => boolean;
  /** Of good pairs, in all. */
  readonly runs: number;
  readonly say: (line: string) => void;
}

export async function tryPairs({ wanted, runs, say }: Options): Promise<Tally> {
  const of = <T extends { readonly name: string }>(all: readonly T[]) => all.filter(({ name }) => wanted(name));
  const good = of(GOOD);
  const runsOf = (index: number) => Math.floor(runs / good.length) + (index < runs % good.length ? 1 : 0);
  const laboratory = await Laboratory.open(say);
  try {
    const work = [
      ...of(INCOMPATIBLE).map((pair) => () => laboratory.refuse(pair)),
      ...good.map((pair, index) => () => laboratory.pass(pair, runsOf(index))),
      ...of(OBSTACLES).map((obstacle) => () => laboratory.hinder(obstacle)),
    ];
    const next = async (_: unknown, place: number): Promise<void> => {
      await sleep(place * APART_MS);
      for (let job = work.shift(); job !== undefined; job = work.shift()) await job();
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, work.length) }, next));
  } finally {
    await laboratory.close();
  }
  return laboratory.tally;
}
