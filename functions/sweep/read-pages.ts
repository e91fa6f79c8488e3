import type { Page } from './sweep-store.ts';

export interface PageSource {
  /** @param keys that came before the page, of the whole sweep */
  readonly read: (cursor: string, keys: number) => Promise<Page>;
  /** Before the next page; 0 asks for it at once. */
  readonly pauseMs: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
  /** No page is asked for after one that ends when this is true. */
  readonly isOver: () => boolean;
}

export interface PageRead {
  readonly page: Page;
  /** Set for the page that nothing follows: it is the store's last one, or time is over. */
  readonly verdict: 'DONE' | 'WAIT' | undefined;
}

/** Goes from page to page. Without pauses the store works on the next one while the last is looked at here. */
export async function* readPages(source: PageSource, from: string, keysBefore: number): AsyncGenerator<PageRead> {
  let cursor = from;
  let keys = keysBefore;
  let next: Promise<Page> | undefined;
  for (;;) {
    const page = await (next ?? source.read(cursor, keys));
    ({ cursor } = page);
    keys += page.keys;
    const verdict = cursor === '0' ? 'DONE' : source.isOver() ? 'WAIT' : undefined;
    next = verdict || source.pauseMs() > 0 ? undefined : source.read(cursor, keys);
    next?.catch(() => undefined); // awaited in its turn
    yield { page, verdict };
    if (verdict) return;
    if (next === undefined) await source.pause(source.pauseMs());
  }
}
