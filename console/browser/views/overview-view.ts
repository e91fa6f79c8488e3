/** The first page: what serves, what is under way, what is wrong, and what to do next. */
import { troublesOf } from '../../../cli/installation/attention/attention-words.ts';
import { counted } from '../../../functions/shared/texts.ts';
import type { CurvesView } from '../../curves.ts';
import type { Step } from '../../next-steps.ts';
import type { OverviewView } from '../../overview.ts';
import { get } from '../api.ts';
import { type Child, h, replace, setText } from '../dom.ts';
import { command, deadline, deployBadge, heading, moment, stateBadge, table } from '../elements.ts';
import { agoText, shortNumber } from '../format.ts';
import { poll, type View } from '../poll.ts';
import { eitherColor } from '../theme.ts';
import { createPanel, kindOf, type Panel } from '../widgets.ts';
import type { Part } from './incidents-view.ts';

const RUNNING_MS = 1_000;
const QUIET_MS = 5_000;

export function overviewView(): View {
  const [head, glance, rest] = [h('div'), h('div'), h('div')];
  const curves = curvesPart();
  const poller = poll(
    () => get<OverviewView>('overview'),
    (overview) => {
      replace(head, heading(`Fleet ${overview.fleet}`, verdict(overview)));
      replace(glance, h('div', { class: 'tiles' }, ...tiles(overview)), ...phases(overview));
      replace(rest, ...parts(overview));
      return overview.latest?.status === 'RUNNING' ? RUNNING_MS : QUIET_MS;
    },
    QUIET_MS,
  );
  return {
    title: 'Overview',
    section: 'overview',
    element: h('div', {}, head, h('div', { class: 'glance' }, glance, curves.element), rest),
    leave: () => {
      poller.stop();
      curves.stop();
    },
  };
}

const parts = (overview: OverviewView): Node[] => [
  h('h2', {}, 'What to do next'),
  steps(overview),
  ...tries(overview),
  h('h2', {}, 'Servers'),
  ...overview.replaced.map((line) => note(line)),
  servers(overview),
];

/** Whether anything is wrong, in one line. */
function verdict({ attention, latest, isMixed, release }: OverviewView): HTMLElement {
  const isUnderWay = latest?.status === 'RUNNING';
  const wrong = [
    ...troublesOf(attention).map(({ title }) => title),
    ...(latest?.isLeftMixed ? ['the last deploy failed and was not rolled back'] : []),
    ...(isMixed && !isUnderWay && !latest?.isLeftMixed ? ['servers with different releases'] : []),
  ];
  if (wrong.length > 0) return stateBadge('ALARM', wrong.join(', '));
  if (latest?.waiting) return stateBadge('WARNED', 'a deploy waits for your decision');
  if (isUnderWay) return stateBadge('RUNNING', 'a deploy is under way; nothing else is wrong');
  if (attention.unread) return stateBadge('none', 'nothing is wrong in what you may see');
  return release === undefined ? stateBadge('none', 'no release serves yet') : stateBadge('OK', 'nothing is wrong');
}

const tile = (name: string, value: Child, ...more: Child[]): HTMLElement =>
  h('section', { class: 'tile panel', 'aria-label': name }, h('h2', {}, name), h('p', { class: 'value' }, value), ...more);
/** Values that are not those of now are grey. */
const aged = (isOld: boolean, element: HTMLElement): HTMLElement => {
  element.classList.toggle('old', isOld);
  return element;
};
const note = (...content: Child[]): HTMLElement => h('p', { class: 'faint' }, ...content);
const link = (href: string, text: string): HTMLElement =>
  h('a', { href, 'data-key': href, ...(!href.startsWith('#') && { target: '_blank', rel: 'noopener noreferrer' }) }, text);

/** As alarms are shown: nothing is known of what is not checked. */
const GATE_STATES = { compatible: 'OK', 'not checked': 'INSUFFICIENT_DATA', incompatible: 'ALARM' } as const;

function tiles({ release, serversWords, isMixed, latest, attention, store, gate, servers: all }: OverviewView): HTMLElement[] {
  const { alarms, incidents } = attention;
  const reading = store && `${store.isOld ? 'out of date: ' : ''}read ${agoText(Date.now() - store.takenAtMs)}`;
  const isCalm = alarms.length + incidents.length === 0 && attention.storeUnreachable === undefined;
  const current = all.filter(({ isCurrent }) => isCurrent).length;
  return [
    tile('Current release', release ?? 'none yet', note(link('#/deploys', 'Releases and deploys'))),
    tile(
      'Servers',
      release === undefined ? '–' : `${current} of ${all.length}`,
      isMixed && latest?.status !== 'RUNNING' ? h('p', {}, stateBadge('ALARM', serversWords)) : note(serversWords),
    ),
    latest
      ? tile(
          latest.status === 'RUNNING' ? 'Deploy under way' : 'Last deploy',
          link(`#/deploys/${latest.deployId}`, latest.release),
          h('p', {}, deployBadge(latest)),
          latest.waiting ? h('p', {}, deadline('rolls back', latest.waiting.untilMs)) : null,
          note(
            latest.status === 'RUNNING' ? `for ${latest.duration}` : `${agoText(Date.now() - latest.startedAtMs)}, took ${latest.duration}`,
          ),
        )
      : tile('Last deploy', 'none yet', note('Its release, its result and its duration will be shown here.')),
    tile(
      'Trouble',
      isCalm
        ? attention.unread
          ? stateBadge('none', 'alarms not shown')
          : stateBadge('OK', 'none')
        : stateBadge('ALARM', attention.storeUnreachable ? 'store unreachable' : String(alarms.length + incidents.length)),
      ...(attention.unread ?? []).map((sentence) => note(sentence)),
      note(
        !attention.unread && link('#/alarms', `${alarms.length} in ALARM`),
        !attention.unread && ', ',
        link('#/incidents', counted(incidents.length, 'open incident')),
      ),
    ),
    store
      ? aged(
          store.isOld,
          tile(
            'Sessions',
            shortNumber(store.activeSessions),
            note(
              `hit rate ${store.hitRatePercent === null ? 'unknown: no lookups between two readings' : `${store.hitRatePercent.toFixed(1)} %`}`,
            ),
            note(`memory ${store.memoryPercent === null ? 'without limit' : `${store.memoryPercent.toFixed(1)} %`}`),
            note(link('#/store', reading ?? '')),
          ),
        )
      : tile('Sessions', 'no reading yet', note('The collector reads the store once a minute; its first reading will be shown here.')),
    ...(gate
      ? [
          tile(
            'Session gate',
            agoText(Date.now() - gate.endedAtMs),
            h('p', {}, stateBadge(GATE_STATES[gate.verdict], gate.verdict)),
            ...gate.words.map((line) => note(line)),
          ),
        ]
      : []),
  ];
}

/** During a deploy: the phase of each server, in the order in which they are rolled. */
function phases({ latest }: OverviewView): HTMLElement[] {
  if (latest?.status !== 'RUNNING' || latest.targets.length === 0) return [];
  const cell = ({ instanceId, words, timeline }: (typeof latest.targets)[number]) => {
    const phase = timeline.at(-1)?.phase ?? 'waiting';
    const item = h('li', { 'data-phase': phase }, h('strong', {}, instanceId), ` ${words}`);
    item.style.setProperty(
      '--color',
      eitherColor((theme) => theme.phases[phase] ?? theme.faint),
    );
    return item;
  };
  return [h('ol', { class: 'phases', 'aria-label': 'Servers of the deploy, in its order' }, ...latest.targets.map(cell))];
}

function steps({ next }: OverviewView): HTMLElement {
  if (next.length === 0) return h('p', { class: 'panel' }, 'Nothing. What needs you will be listed here, the most urgent first.');
  return h('ol', { class: 'steps panel' }, ...next.map(item));
}

const item = ({ text, link: to, command: line }: Step): HTMLElement =>
  h('li', {}, text, ' ', to ? link(to.href, to.text) : null, line === undefined ? null : command(line));

const tries = ({ tries: all }: OverviewView): Node[] =>
  all.length === 0 ? [] : [h('h2', {}, 'What to try'), h('ul', { class: 'steps panel' }, ...all.map(item))];

function servers({ servers: all, release, latest }: OverviewView): HTMLElement {
  if (all.length === 0)
    return h(
      'p',
      { class: 'quiet' },
      'No server has a release yet. Each one will be listed here with the release that it runs, once the first deploy has brought it one.',
    );
  return table(
    'servers',
    'Servers, those with another release first',
    ['Server', 'Release', 'State', 'Installed (UTC)'],
    all.map(({ instanceId, version, isCurrent, installedAtMs }) => [
      instanceId,
      version,
      isCurrent
        ? stateBadge('OK', 'current')
        : latest?.status === 'RUNNING' && version === latest.to
          ? stateBadge('RUNNING', 'the release that is being deployed')
          : stateBadge('WARNED', release === undefined ? 'no current release' : `not ${release}`),
      moment(installedAtMs),
    ]),
  );
}

const REFRESH_MS = 10_000;
const MINUTES = 60;

function curvesPart(): Part {
  const none = h('p', { class: 'quiet', hidden: true });
  const grid = h('div', { class: 'curves' });
  let panels: Panel[] = [];
  const end = () => {
    for (const panel of panels) panel.dispose();
  };
  const poller = poll(
    () => get<CurvesView>('curves'),
    ({ curves, range, none: why }): undefined => {
      none.hidden = why === undefined;
      setText(none, why ?? '');
      if (curves.length !== panels.length || curves.some(({ content }, at) => kindOf(content) !== panels[at]?.kind)) {
        end();
        panels = curves.map((curve) => createPanel('', curve, () => MINUTES));
        grid.replaceChildren(...panels.map((panel) => panel.element));
      }
      for (const [at, { content }] of curves.entries()) panels[at]?.update(content, range);
    },
    REFRESH_MS,
  );
  return {
    element: h('section', { 'aria-label': 'The last hour' }, none, grid),
    stop: () => {
      poller.stop();
      end();
    },
  };
}
