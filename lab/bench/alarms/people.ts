/**
 * People with sessions, ten seconds at a time: they come and log in, request pages, leave or log out, and log in again where their session is
 * gone. Groups of them are counted, not single ones, so that ten thousand requests a second take no longer than five a minute.
 */
import { sumOf } from '../../../functions/shared/arithmetic.ts';
import type { Random } from '../../situations/world/random.ts';
import { type FrontCounts, noCounts } from './counts.ts';
import { often, some } from './draw.ts';
import { type Happening, inForce, type Site, shareOfPeople, TICK_MINUTES } from './happening.ts';
import type { Keys } from './keys.ts';

/** How long somebody stays. */
const VISIT_MINUTES = 40;
/** Of those who leave: they log out. */
const LOG_OUT = 0.3;
/** Of those who come: with the cookie of a session that has ended. */
const OLD_COOKIE = 0.2;
/** What every site has: scanners, crawlers, connections that clients close, a rare error. */
const ORDINARY = { probes: 0.8, crawlers: 0.4, clientErrors: 0.001, errors: 0.0001, gatewayErrors: 0.00002 };

type Answers = Extract<Happening, { what: 'answers' }>;

export class People {
  /** Logged in, with a session that works. */
  private good = 0;
  /** They believe to be logged in. */
  private lost = 0;
  /** At the login page. */
  private typing = 0;
  private minute = 0;
  private readonly done = new Set<Happening>();
  private counts: FrontCounts = noCounts();

  private readonly site: Site;
  private readonly happens: readonly Happening[];
  private readonly keys: Keys;
  private readonly random: Random;

  constructor(site: Site, happens: readonly Happening[], keys: Keys, random: Random) {
    this.site = site;
    this.happens = happens;
    this.keys = keys;
    this.random = random;
  }

  /** What the load balancer has counted since the last call. */
  take(): FrontCounts {
    const { counts } = this;
    this.counts = noCounts();
    return counts;
  }

  /** @param moment minutes since the case's moment @param ofWeek minutes since Monday */
  tick(moment: number, ofWeek: number): void {
    this.minute = moment;
    for (const one of this.of('lose')) this.lose(one);
    this.come(ofWeek - sumOf(this.of('clocks'), ({ hours }) => hours) * 60);
    this.request();
    this.logIn();
    this.visit();
    this.serve();
  }

  private of<What extends Happening['what']>(what: What): Extract<Happening, { what: What }>[] {
    return this.happens.filter((one): one is Extract<Happening, { what: What }> => one.what === what && inForce(one, this.minute));
  }

  private lose(one: Extract<Happening, { what: 'lose' }>): void {
    if (this.done.has(one)) return;
    this.done.add(one);
    const gone = some(this.random, this.good, one.share);
    this.good -= gone;
    this.lost += gone;
    if (one.how === 'deleted' || one.how === 'evicted') this.keys.remove(one.share, one.how);
    // Those that no cookie names any more end by themselves.
    if (one.how === 'unsigned') this.keys.leave(gone, this.minute);
  }

  private come(ofWeek: number): void {
    const { random, site } = this;
    const times = this.of('people').reduce((product, one) => product * one.times, 1);
    const wanted = site.people * shareOfPeople(site.week, ofWeek) * times;
    const here = this.good + this.lost + this.typing;
    const arriving = often(random, (wanted / VISIT_MINUTES) * TICK_MINUTES + Math.max(0, wanted - here) * 0.05);
    this.turnAway(arriving, OLD_COOKIE);
    const leaving = often(random, (here / VISIT_MINUTES) * TICK_MINUTES + Math.max(0, here - wanted) * 0.05);
    const gone = Math.min(this.good, Math.round((leaving * this.good) / Math.max(1, here)));
    this.good -= gone;
    const out = some(random, gone, LOG_OUT);
    this.lost = Math.max(0, this.lost - Math.round((leaving * this.lost) / Math.max(1, here)));
    this.counts.requests += out;
    this.counts.target3xx += out;
    this.keys.end(out);
    this.keys.leave(gone - out, this.minute);
  }

  /** Sent to the login page, which they get. @param named share with a cookie of a session that the store is asked for */
  private turnAway(people: number, named: number): void {
    this.counts.requests += 2 * people;
    this.counts.target3xx += people;
    this.counts.target2xx += people;
    this.keys.misses += some(this.random, people, named);
    this.typing += people;
  }

  private request(): void {
    const { random, site, counts } = this;
    const share = 1 - Math.exp(-site.requests * TICK_MINUTES);
    const back = some(random, this.lost, share);
    const refusing = this.of('answers').filter((one) => one.of !== 'logins');
    const rest = this.answered(back, refusing);
    const deleted = this.happens.some(
      (one) => one.what === 'lose' && (one.how === 'deleted' || one.how === 'evicted') && inForce(one, this.minute),
    );
    this.lost -= rest;
    this.turnAway(rest, deleted ? 1 : 0);
    const asked = often(random, this.good * site.requests * TICK_MINUTES);
    const sent = this.withStore(this.answered(asked, refusing));
    const failed = some(random, sent, ORDINARY.errors);
    const early = some(random, sent, ORDINARY.gatewayErrors);
    counts.elb4xx += some(random, sent, ORDINARY.clientErrors);
    counts.requests += sent;
    counts.target5xx += failed;
    this.fail(502, early);
    const unchanged = this.of('unchanged').reduce((most, { share }) => Math.max(most, share), 0);
    const same = some(random, sent - failed - early, unchanged);
    counts.target3xx += same;
    counts.target2xx += sent - failed - early - same;
    this.keys.hits += sent;
  }

  /** Counts those that get something else. @returns the rest */
  private answered(requests: number, answers: readonly Answers[]): number {
    return answers.reduce((left, one) => {
      const hit = some(this.random, left, one.share);
      this.refuse(one, hit);
      return left - hit;
    }, requests);
  }

  /** By the load balancer itself. */
  private fail(status: number, count: number): void {
    const { counts } = this;
    counts[status < 500 ? 'elb4xx' : 'elb5xx'] += count;
    if (status === 502 || status === 504) counts[`elb${status}`] += count;
  }

  private refuse({ status, by, loops }: Answers, count: number): void {
    const { counts } = this;
    if (by === 'balancer') {
      // A 401 or 561 is the end of a login at the identity provider, to which the load balancer has redirected.
      if (status === 401 || status === 561) {
        counts.elb3xx += count;
        counts.authErrors += count;
      }
      if (status === 502 || status === 504) counts.requests += count;
      if (status === 502) counts.connectionErrors += count;
      this.fail(status, count);
      return;
    }
    counts.requests += count;
    if (status >= 500) counts.target5xx += count;
    else if (status === 302) counts.target3xx += count;
    else counts.target4xx += count;
    if ((status === 302 || status === 401) && !loops) {
      // A user who is sent to the login has no session there any more, and gets the login page.
      const out = Math.min(this.good, count);
      this.good -= out;
      this.typing += out;
      this.keys.leave(out, this.minute);
      counts.requests += out;
      counts.target2xx += out;
    }
  }

  /** Those that do not reach the store get an error, or the login again and again. @returns the rest */
  private withStore(requests: number): number {
    return this.of('noStore').reduce((left, { share, status }) => {
      const hit = some(this.random, left, share);
      this.counts.requests += hit;
      if (status === 302) this.counts.target3xx += hit;
      else if (status === 504) this.fail(status, hit);
      else this.counts.target5xx += hit;
      return left - hit;
    }, requests);
  }

  /** Ten seconds to type are one turn. */
  private logIn(): void {
    const { random, counts } = this;
    const share = 1 - Math.exp(-1);
    const posted = some(random, this.typing, share);
    const through = this.withStore(this.answered(posted, this.of('answers')));
    if (this.of('full').length > 0) {
      this.keys.refusedWrites += through;
      counts.requests += 3 * through;
      counts.target3xx += 2 * through;
      counts.target2xx += through;
      this.keys.misses += through;
      return;
    }
    this.typing -= through;
    // Each shows the page that they wanted.
    counts.requests += 2 * through;
    counts.target3xx += through;
    counts.target2xx += through;
    this.keys.hits += through;
    this.good += through;
    this.keys.begin(through);
  }

  private visit(): void {
    const { random, counts } = this;
    const probes = often(random, ORDINARY.probes * TICK_MINUTES);
    const crawlers = often(random, ORDINARY.crawlers * TICK_MINUTES);
    counts.requests += probes + crawlers;
    counts.target4xx += probes;
    counts.target3xx += crawlers;
    for (const one of this.of('visitors')) {
      const count = often(random, one.perMinute * TICK_MINUTES);
      if (one.names) this.keys.misses += count;
      if (one.begins) this.keys.beginFor(count, this.minute);
      if (one.by === 'balancer') {
        counts.elb4xx += count;
        continue;
      }
      counts.requests += count * (one.follows ? 2 : 1);
      if (one.follows) counts.target2xx += count;
      if (one.status === 302) counts.target3xx += count;
      else if (one.status === 200) counts.target2xx += count;
      else if (one.status === 500) counts.target5xx += count;
      else counts.target4xx += count;
    }
    for (const { perMinute, status } of this.of('others')) this.fail(status, often(random, perMinute * TICK_MINUTES));
    // AWS has no class for either: 101 is no page, and the client of a 460 has none.
    for (const { perMinute } of this.of('webSockets')) counts.requests += often(random, perMinute * TICK_MINUTES);
    for (const { perMinute } of this.of('aborts')) {
      const aborted = often(random, perMinute * TICK_MINUTES);
      counts.requests += aborted;
      this.fail(460, aborted);
    }
    for (const { perMinute } of this.of('refusedLogins')) this.keys.refused += often(random, perMinute * TICK_MINUTES);
  }

  private serve(): void {
    for (const one of this.of('server')) {
      // The first check of a server that starts can fail, and one request can meet it.
      if (!one.unhealthy || this.minute >= one.from + 1) continue;
      this.counts.unhealthy = 1;
      if (!this.done.has(one)) this.counts.connectionErrors += 1;
      this.done.add(one);
    }
  }
}
