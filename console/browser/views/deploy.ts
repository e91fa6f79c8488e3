/** One deploy: how far it is, or how it ended, with what each server went through. */
import type { DeployView } from '../../deploys.ts';
import { get, post } from '../api.ts';
import { actionButton, ask } from '../dialogs.ts';
import { announce, h, replace, table } from '../dom.ts';
import { clockTime, dateTime } from '../format.ts';
import { keepFresh } from '../live.ts';
import { stateBadge } from '../states.ts';
import { createTimeline } from '../timeline.ts';
import { onFailureChoice } from './deploys.ts';
import type { View } from './view.ts';

const RUNNING_MS = 700;
const ENDED_MS = 5_000;

export function deployView(id: string): View {
  const head = h('div');
  const timeline = createTimeline();
  const servers = h('div');
  const element = h('div', {}, head, timeline.element, servers);
  const live = keepFresh(
    () => get<DeployView>(`deploys/${encodeURIComponent(id)}`),
    (deploy) => {
      replace(head, ...headOf(deploy));
      timeline.update(deploy);
      replace(servers, ...serversOf(deploy));
      announce(
        `Deploy of ${deploy.to}: ${deploy.outcome}. ${deploy.targets.map(({ instanceId, timeline }) => `${instanceId} ${timeline.at(-1)?.phase}`).join(', ')}`,
      );
      return deploy.status === 'RUNNING' ? RUNNING_MS : ENDED_MS;
    },
    RUNNING_MS,
  );
  return {
    title: `Deploy ${id.slice(0, 8)}`,
    section: 'deploys',
    element,
    leave: () => {
      live.stop();
      timeline.dispose();
    },
  };
}

function headOf(deploy: DeployView): Node[] {
  const { deployId, from, to, status, outcome, requestedBy, startedAtMs, duration, error, left, cleansUp } = deploy;
  const facts: [string, Node | string][] = [
    ['Outcome', stateBadge(status, outcome)],
    ['Started', `${dateTime(startedAtMs)}, ${status === 'RUNNING' ? 'for' : 'took'} ${duration}`],
    ['By', requestedBy],
    ['Deploy', deployId],
    ...(cleansUp ? [['Clean-up', 'it has failed or was stopped, and its clean-up puts the servers right'] as [string, string]] : []),
    ...(error ? [['Error', `${error.name}: ${error.message}`] as [string, string]] : []),
    ...(left ? [['Left', left] as [string, string]] : []),
  ];
  return [
    h('p', { class: 'crumb' }, h('a', { href: '#/deploys', 'data-key': 'all' }, '← all deploys')),
    h('div', { class: 'head' }, h('h1', {}, `${from} → ${to}`), buttons(deploy)),
    h('dl', { class: 'facts' }, ...facts.flatMap(([name, text]) => [h('dt', {}, name), h('dd', {}, text)])),
  ];
}

function buttons({ deployId, to, status, cleansUp, targets }: DeployView): HTMLElement {
  const abort = () =>
    ask({
      title: `Abort the deploy of ${to}`,
      explain: () =>
        'Stops it now. Its clean-up then brings every server that has or may have the new release back to the one before, unless it was told to halt. Nobody is logged out.',
      confirm: 'Abort the deploy',
      tone: 'danger',
      act: async () => void (await post(`deploys/${deployId}/abort`, {})),
    });
  const resume = () =>
    ask({
      title: `Resume the deploy of ${to}`,
      fields: [onFailureChoice()],
      explain: () =>
        `Starts a new deploy of ${to} that finishes what this one has left: servers that have the release are skipped, and those that serve nobody come first.`,
      confirm: 'Resume',
      act: async (form) => {
        const onFailure = form.get('onFailure');
        const started = await post<{ deployId: string }>(`deploys/${deployId}/resume`, { ...(onFailure && { onFailure }) });
        location.hash = `#/deploys/${started.deployId}`;
      },
    });
  return h(
    'div',
    { class: 'actions' },
    status === 'RUNNING' && !cleansUp && actionButton('Abort…', 'abort', abort, 'danger'),
    status !== 'RUNNING' && status !== 'SUCCEEDED' && targets.length > 0 && actionButton('Resume…', 'resume', resume),
  );
}

function serversOf({ targets, to }: DeployView): Node[] {
  if (targets.length === 0) return [];
  return [
    h('h2', {}, 'Servers'),
    table(
      'servers',
      'Servers of the deploy',
      ['Server', 'Release', 'At'],
      targets.map(({ instanceId, fromVersion, words }) => [instanceId, `${fromVersion} → ${to}`, words]),
    ),
    ...targets.map(({ instanceId, timeline }) =>
      h(
        'details',
        { 'data-key': `timeline-${instanceId}` },
        h('summary', { 'data-key': `summary-${instanceId}` }, `Phases of ${instanceId}`),
        table(
          `phases-${instanceId}`,
          `Phases of ${instanceId}`,
          ['Began', 'Phase', 'Took'],
          timeline.map(({ phase, startedAtMs, durationMs }) => [
            clockTime(startedAtMs),
            phase,
            durationMs === undefined ? '' : `${(durationMs / 1000).toFixed(1)} s`,
          ]),
          [2],
        ),
      ),
    ),
  ];
}
