/** The strip below the navigation, on every page: alarms and open incidents, or that these are not known. */
import { type Trouble, troublesOf } from '../../cli/installation/attention/attention-words.ts';
import type { Attention } from '../../cli/installation/attention/read-attention.ts';
import { get } from './api.ts';
import { type Child, h, replace } from './dom.ts';
import { withTimes } from './format.ts';

const REFRESH_MS = 10_000;
/** The others are on their page. */
const PAGES: Readonly<Record<Trouble['kind'], string>> = { incidents: '#/incidents', alarms: '#/alarms', store: '#/store' };

export interface Strip {
  /** Loads at once. */
  refresh(): void;
}

export function startStrip(element: HTMLElement): Strip {
  let timer: number | undefined;
  let loads = 0;
  const refresh = async () => {
    window.clearTimeout(timer);
    loads += 1;
    const own = loads;
    const attention = await get<Attention>('attention').catch(() => undefined);
    // A later load is under way, and has newer content.
    if (own !== loads) return;
    const parts = attention ? troublesOf(attention).map(partOf) : ['Whether an alarm fires or an incident is open cannot be read now.'];
    element.hidden = parts.length === 0;
    replace(element, ...parts);
    if (!document.hidden) timer = window.setTimeout(() => void refresh(), REFRESH_MS);
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) window.clearTimeout(timer);
    else void refresh();
  });
  return { refresh: () => void refresh() };
}

function partOf({ kind, title, named, more }: Trouble): Child {
  const all = PAGES[kind];
  const links = named.flatMap(({ id, text }, index) => [
    index > 0 && ', ',
    h('a', { href: kind === 'incidents' ? `${all}/${id}` : all, 'data-key': `strip-${text}` }, withTimes(text, Date.now())),
  ]);
  const others = more > 0 && h('a', { href: all, 'data-key': `strip-${all}` }, ` and ${more} more`);
  return h('span', {}, h('strong', {}, `! ${title}: `), ...links, others);
}
