/** The console in the browser: shows the view of the address. */
import { type Attention, type Trouble, troublesOf } from '../../cli/installation/attention/attention-words.ts';
import { decodeUri } from '../../functions/shared/urls.ts';
import type { FleetView } from '../deploys.ts';
import { canChange, get, takeToken } from './api.ts';
import { READ_ONLY } from './dialogs.ts';
import { type Child, h, replace, setText } from './dom.ts';
import { withTimes } from './format.ts';
import type { View } from './poll.ts';
import { alarmsView } from './views/alarms-view.ts';
import { canaryView } from './views/canary-view.ts';
import { cloudView } from './views/cloud-view.ts';
import { dashboardsView } from './views/dashboards-view.ts';
import { deployView } from './views/deploy-view.ts';
import { deploysView } from './views/deploys-view.ts';
import { incidentView } from './views/incident-view.ts';
import { incidentsView } from './views/incidents-view.ts';
import { overviewView } from './views/overview-view.ts';
import { runbookView } from './views/runbook-view.ts';
import { storeView } from './views/store-view.ts';
import { sweepView } from './views/sweep-view.ts';

const SECTIONS = [
  ['overview', 'Overview'],
  ['dashboards', 'Dashboards'],
  ['deploys', 'Deploys'],
  ['store', 'Session store'],
  ['alarms', 'Alarms'],
  ['incidents', 'Incidents'],
  ['canary', 'Canary'],
  ['cloud', 'Local cloud'],
] as const;

function viewOf([section, name, more]: readonly (string | undefined)[]): View {
  switch (section) {
    case 'deploys':
      return name ? deployView(name) : deploysView();
    case 'store':
      return name === 'sweeps' && more ? sweepView(more) : storeView();
    case 'alarms':
      return alarmsView();
    case 'incidents':
      return name ? incidentView(name) : incidentsView();
    case 'canary':
      return canaryView();
    case 'runbook':
      return runbookView(name ?? '');
    case 'docs':
      return runbookView([name, more].filter(Boolean).join('/'), 'docs');
    case 'cloud':
      return cloudView();
    case 'dashboards':
      return dashboardsView(name || undefined);
    default:
      return overviewView();
  }
}

const main = document.getElementById('main') as HTMLElement;
const strip = startStrip(document.getElementById('attention') as HTMLElement);
let current: View | undefined;

function show(isFirst: boolean): void {
  // The target of the skip link is not a view.
  if (location.hash === '#main') return;
  current?.leave();
  strip.refresh();
  current = viewOf(location.hash.replace(/^#\/?/, '').split('/').map(decodeUri));
  document.title = `${current.title} · Holdfast`;
  main.replaceChildren(current.element);
  for (const link of document.querySelectorAll('#navigation a')) {
    if (link.getAttribute('href') === `#/${current.section}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (isFirst) return;
  window.scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

takeToken();
document.getElementById('navigation')?.append(...SECTIONS.map(([section, title]) => h('a', { href: `#/${section}` }, title)));
const notice = document.getElementById('notice') as HTMLElement;
notice.hidden = canChange();
setText(notice, READ_ONLY);
document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener('hashchange', () => {
  if (location.hash.startsWith('#token=')) {
    takeToken();
    location.reload();
  } else show(false);
});
show(true);
void get<FleetView>('deploys').then(
  ({ title }) => {
    setText(document.getElementById('where') as HTMLElement, title);
  },
  // The view reports the error.
  () => {},
);

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
