/** The console in the browser: shows the view of the address. */

import type { Attention } from '../../cli/installation/attention/attention-words.ts';
import { type Trouble, troublesOf } from '../../cli/installation/attention/attention-words.ts';
import { decodeUri } from '../../functions/shared/urls.ts';
import { get, hasToken, takeToken } from './api.ts';
import { type Child, h, replace, setText } from './dom.ts';
import { withTimes } from './format.ts';
import type { View } from './poll.ts';
import { alarmsView } from './views/alarms-view.ts';
import { canaryView } from './views/canary-view.ts';
import { dashboardsView } from './views/dashboards-view.ts';
import { deployView } from './views/deploy-view.ts';
import { deploysView } from './views/deploys-view.ts';
import { incidentView } from './views/incident-view.ts';
import { incidentsView, type Part } from './views/incidents-view.ts';
import { overviewView } from './views/overview-view.ts';
import { runbookView } from './views/runbook-view.ts';
import { storeView } from './views/store-view.ts';
import { sweepView } from './views/sweep-view.ts';
import { followPlace } from './where.ts';

const SECTIONS = [
  ['overview', 'Overview'],
  ['dashboards', 'Dashboards'],
  ['deploys', 'Deploys'],
  ['store', 'Session store'],
  ['alarms', 'Alarms'],
  ['incidents', 'Incidents'],
  ['canary', 'Canary'],
] as const;

/** What only another console shows. */
export interface MorePages {
  readonly sections: readonly (readonly [section: string, title: string, view: () => View])[];
  readonly belowIncidents?: () => Part;
}

function viewOf([section, name, more]: readonly (string | undefined)[], { sections, belowIncidents }: MorePages): View {
  const added = sections.find(([own]) => own === section)?.[2];
  if (added) return added();
  switch (section) {
    case 'deploys':
      return name ? deployView(name) : deploysView();
    case 'store':
      return name === 'sweeps' && more ? sweepView(more) : storeView();
    case 'alarms':
      return alarmsView();
    case 'incidents':
      return name ? incidentView(name) : incidentsView(belowIncidents);
    case 'canary':
      return canaryView();
    case 'runbook':
      return runbookView(name ?? '');
    case 'docs':
      return runbookView([name, more].filter(Boolean).join('/'), 'docs');
    case 'dashboards':
      return dashboardsView(name || undefined);
    default:
      return overviewView();
  }
}

const NO_TOKEN = 'This tab has no token, and so nothing to show: open the link that was printed when the console started.';

export async function start(pages: MorePages = { sections: [] }): Promise<void> {
  takeToken();
  window.addEventListener('hashchange', () => {
    if (!location.hash.startsWith('#token=')) return;
    takeToken();
    location.reload();
  });
  if (!hasToken()) {
    const notice = document.getElementById('notice') as HTMLElement;
    notice.hidden = false;
    setText(notice, NO_TOKEN);
    return;
  }
  const main = document.getElementById('main') as HTMLElement;
  const links = [...SECTIONS, ...pages.sections].map(([section, title]) => h('a', { href: `#/${section}` }, title));
  document.getElementById('navigation')?.append(...links);
  document.querySelector('.skip')?.addEventListener('click', (event) => {
    event.preventDefault();
    main.focus();
  });
  await followPlace();
  const strip = startStrip(document.getElementById('attention') as HTMLElement);
  let current: View | undefined;
  const show = () => {
    // The target of the skip link is not a view.
    if (location.hash === '#main' || location.hash.startsWith('#token=')) return;
    current?.leave();
    strip.refresh();
    const isFirst = current === undefined;
    current = viewOf(location.hash.replace(/^#\/?/, '').split('/').map(decodeUri), pages);
    document.title = `${current.title} · Holdfast`;
    main.replaceChildren(current.element);
    for (const link of links) {
      if (link.getAttribute('href') === `#/${current.section}`) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    if (isFirst) return;
    window.scrollTo(0, 0);
    main.focus({ preventScroll: true });
  };
  window.addEventListener('hashchange', show);
  show();
}

/** The strip below the navigation, on every page: alarms and open incidents, or that these are not known. */
const REFRESH_MS = 10_000;
/** The others are on their page. */
const PAGES: Readonly<Record<Trouble['kind'], string>> = { incidents: '#/incidents', alarms: '#/alarms', store: '#/store' };

interface Strip {
  /** Loads at once. */
  refresh(): void;
}

function startStrip(element: HTMLElement): Strip {
  let timer: number | undefined;
  let loads = 0;
  const refresh = async () => {
    window.clearTimeout(timer);
    loads += 1;
    const own = loads;
    const attention = await get<Attention>('attention').catch(() => undefined);
    // A later load is under way, and has newer content.
    if (own !== loads) return;
    const parts = attention
      ? [...troublesOf(attention).map(partOf), ...(attention.unread ?? []).map((text) => h('span', {}, `! ${text}`))]
      : ['Whether an alarm fires or an incident is open cannot be read now.'];
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
