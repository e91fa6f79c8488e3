import { measureAround, measureTogether } from '../nodes/command-times.ts';
import type { StoreLink } from '../nodes/store-link.ts';
import { createPacer, type PaceLimits } from '../pages/pace.ts';
import { createPageCost, createStoreBudget, createWorkCost, pageMs } from '../pages/store-costs.ts';
import type { Page, PageRequest } from '../store/sweep-store.ts';

/** Kinds of work whose costs are estimated separately. */
type WorkKind = 'candidates' | 'members' | 'samples' | 'values';

/** A node that the sweep takes only its share of. */
export interface PacedNode {
  readonly link: StoreLink;
  /** COUNT of the next page. */
  readonly count: number;
  /** @throws StoreInterrupted */
  page(request: PageRequest): Promise<Page>;
  /**
   * Repairs candidates, searches index sets, changes sampled sessions' lives, or reads values.
   * @param keys number of candidates, of members, of samples, or of values. @throws StoreInterrupted, and what `run` throws
   */
  work<T>(keys: number, run: () => Promise<T>, kind?: WorkKind): Promise<T>;
  /** Before the next page; 0: none. */
  pauseMs(): number;
  /** False: nothing else is requested while a batch is handled. */
  readonly canOverlap: boolean;
}

/** Least time that a page counts with: its round trip can be shorter than the idle ones that are subtracted from it. */
const LEAST_PAGE_MS = 0.02;

const now = () => performance.now();

/** Pages between two that are measured; the first ones soon. Two INFO take as long as half a page. */
const FIRST_EVERY = 8;
const FIRST_MEASURED = 3;
const MEASURED_EVERY = 128;

/** The pace has no limit of the store's share: round trips count, and what one page in some takes on the store. */
function createFastNode(link: StoreLink, limits: PaceLimits): PacedNode {
  const pacer = createPacer(limits);
  const { redis, store } = link;
  const { pageCommands } = store;
  let measured = 0;
  let since = 0;
  return {
    link,
    get count() {
      return pacer.pace.count;
    },
    async page(request) {
      since += 1;
      const isDue = pageCommands && since >= (measured < FIRST_MEASURED ? FIRST_EVERY : MEASURED_EVERY);
      const startedMs = now();
      const read = () => store.page(request);
      if (!isDue) {
        const page = await link.run(read);
        pacer.observe(now() - startedMs, undefined);
        return page;
      }
      since = 0;
      measured += 1;
      const { result, before, after } = await link.run(() => measureTogether(redis, read));
      pacer.observe(now() - startedMs, pageMs(before, after, pageCommands));
      return result;
    },
    work: (_keys, run) => link.run(run),
    pauseMs: () => pacer.pace.restMs,
    canOverlap: true,
  };
}

export function createPacedNode(link: StoreLink, limits: PaceLimits): PacedNode {
  if (limits.storeShare === 1) return createFastNode(link, limits);
  const { redis, store, idle } = link;
  const pacer = createPacer(limits);
  const budget = createStoreBudget(limits.storeShare, now());
  const pageCost = store.pageCommands && createPageCost(store.pageCommands);
  const workCosts = {
    candidates: createWorkCost(store.method === 'script'),
    members: createWorkCost(false),
    samples: createWorkCost(false),
    values: createWorkCost(false),
  };
  const spend = (ms: number) => budget.spend(ms * pacer.pace.slowdown, now());
  return {
    link,
    get count() {
      return pacer.pace.count;
    },
    async page(request) {
      const startedMs = now();
      const read = () => store.page(request);
      if (pageCost?.isReadingDue) {
        const { result, before, after } = await link.run(() => measureTogether(redis, read));
        spend(pageCost.read(before, after));
        return result;
      }
      const page = await link.run(read);
      const tookMs = now() - startedMs;
      const overIdleMs = Math.max(LEAST_PAGE_MS, tookMs - page.roundTrips * idle.medianMs);
      const busyMs = pageCost ? pageCost.estimate(overIdleMs) : overIdleMs;
      pacer.observe(tookMs, busyMs);
      spend(busyMs);
      return page;
    },
    async work(keys, run, kind = 'candidates') {
      const workCost = workCosts[kind];
      const startedMs = now();
      if (workCost.isReadingDue) {
        const { result, before, after } = await link.run(() => measureAround(redis, run));
        spend(workCost.read(before, after, keys, now() - startedMs));
        return result;
      }
      const result = await link.run(run);
      spend(workCost.estimate(keys, now() - startedMs));
      return result;
    },
    pauseMs: () => budget.pauseMs(now()),
    canOverlap: false,
  };
}
