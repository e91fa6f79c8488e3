import type { VerdictOf } from '../../shared/verdict.ts';
import type { Part } from '../contract/checkpoint.ts';
import type { CursorOrder, Page } from '../store/sweep-store.ts';
import { advance } from './key-space.ts';

export interface PageSource {
  /** What the cursors count; undefined: there is one part only. */
  readonly order: CursorOrder | undefined;
  /** Reads the next page of a part. */
  readonly read: (part: Part) => Promise<Page>;
  /** Pause before the next page; 0: none. */
  readonly pauseMs: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
  /** When true, no further page is requested. */
  readonly isOver: () => boolean;
}

export interface PageRead {
  readonly page: Page;
  /** All parts, as they are after this page and the ones before it. */
  readonly parts: readonly Part[];
  /** Set on the last page: DONE when all parts are read, REPEAT when the time is up. */
  readonly verdict: VerdictOf<'DONE' | 'REPEAT'> | undefined;
}

const withTtlOf = ({ keys, persistentKeys, longNames }: Page): number => keys - persistentKeys.length - longNames.persistent;

/**
 * Reads all parts at once, page after page: one request of each part is under way. Without pauses the store prepares the next
 * pages while the caller handles the last. Replies of one connection arrive in the order of their requests.
 * @throws CursorInDoubt, and the error of a request
 */
export async function* readParts(source: PageSource, from: readonly Part[]): AsyncGenerator<PageRead> {
  const parts = [...from];
  const underWay: { readonly at: number; readonly page: Promise<Page> }[] = [];
  const request = (at: number): void => {
    const page = source.read(parts[at] as Part);
    page.catch(() => undefined); // awaited in its turn
    underWay.push({ at, page });
  };
  for (const [at, { isDone }] of parts.entries()) if (!isDone) request(at);
  for (let next = underWay.shift(); next; next = underWay.shift()) {
    const { at } = next;
    const page = await next.page;
    const before = parts[at] as Part;
    const part = { ...advance(before, page.cursor, page.keys, source.order), withTtl: before.withTtl + withTtlOf(page) };
    parts[at] = part;
    const goesOn = !(part.isDone || source.isOver());
    const waits = goesOn && source.pauseMs() > 0;
    if (goesOn && !waits) request(at);
    const isLast = underWay.length === 0 && !waits;
    yield { page, parts: [...parts], verdict: isLast ? (parts.every(({ isDone }) => isDone) ? 'DONE' : 'REPEAT') : undefined };
    if (!waits) continue;
    // The caller has handled the page: what that took of the store's time counts too.
    await source.pause(source.pauseMs());
    request(at);
  }
}
