/** The strip below the navigation, on every page: alarms and open incidents, or that these are not known. */
import type { Attention } from '../attention.ts';
import { get } from './api.ts';
import { type Child, h, replace } from './dom.ts';

const REFRESH_MS = 10_000;
/** The others are on their page. */
const MOST_NAMED = 3;

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
    const parts = attention ? partsOf(attention) : ['Whether an alarm fires or an incident is open cannot be read now.'];
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

function partsOf({ alarms, incidents }: Attention): Child[] {
  return [
    ...ofKind(
      'open incident',
      '#/incidents',
      incidents.map(({ incidentId, about }) => [`#/incidents/${incidentId}`, `${incidentId} (${about})`]),
    ),
    ...ofKind(
      'alarm',
      '#/alarms',
      alarms.map(({ name }) => ['#/alarms', name]),
    ),
  ];
}

function ofKind(what: string, all: string, named: readonly (readonly [href: string, text: string])[]): Child[] {
  if (named.length === 0) return [];
  const links = named
    .slice(0, MOST_NAMED)
    .flatMap(([href, text], index) => [index > 0 && ', ', h('a', { href, 'data-key': `strip-${text}` }, text)]);
  const more = named.length > MOST_NAMED && h('a', { href: all, 'data-key': `strip-${all}` }, ` and ${named.length - MOST_NAMED} more`);
  return [h('span', {}, h('strong', {}, `! ${named.length} ${what}${named.length === 1 ? '' : 's'}: `), ...links, more)];
}
