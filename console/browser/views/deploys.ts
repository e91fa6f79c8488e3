/** What the fleet runs, its releases, and its deploys. */
import type { DeployRow, FleetView } from '../../deploys.ts';
import { get, post } from '../api.ts';
import { actionButton, ask, choice } from '../dialogs.ts';
import { h, replace, table } from '../dom.ts';
import { dateTime } from '../format.ts';
import { keepFresh } from '../live.ts';
import { stateBadge } from '../states.ts';
import { createTimeline } from '../timeline.ts';
import type { View } from './view.ts';

const RUNNING_MS = 1_000;
const QUIET_MS = 5_000;

export function deploysView(): View {
  const body = h('div');
  const latest = h('div');
  const timeline = createTimeline();
  const lists = h('div');
  const element = h('div', {}, body, latest, timeline.element, lists);
  const live = keepFresh(
    () => get<FleetView>('deploys'),
    (fleet) => {
      replace(body, ...headOf(fleet));
      replace(latest, ...latestOf(fleet));
      timeline.update(fleet.latest);
      replace(lists, ...listsOf(fleet));
      return fleet.deploys.some(({ status }) => status === 'RUNNING') ? RUNNING_MS : QUIET_MS;
    },
    QUIET_MS,
  );
  const leave = () => {
    live.stop();
    timeline.dispose();
  };
  return { title: 'Deploys', section: 'deploys', element, leave };
}

/** Of the deploy that runs, or the one that was last. */
function latestOf({ latest }: FleetView): Node[] {
  if (!latest) return [];
  const { deployId, from, to, status, outcome, targets } = latest;
  return [
    h('h2', {}, status === 'RUNNING' ? 'Now' : 'Latest'),
    h(
      'p',
      { class: 'latest' },
      h('a', { href: `#/deploys/${deployId}`, 'data-key': 'latest' }, `${from} → ${to}`),
      ' ',
      stateBadge(status, outcome),
    ),
    ...(status === 'RUNNING'
      ? [h('ul', { class: 'lines' }, ...targets.map(({ instanceId, words }) => h('li', {}, `${instanceId}  ${words}`)))]
      : []),
  ];
}

function headOf(fleet: FleetView): Node[] {
  return [
    h(
      'div',
      { class: 'head' },
      h('h1', {}, `Deploys of ${fleet.fleet}`),
      actionButton('Deploy a release…', 'deploy', () => askForDeploy(fleet), 'primary'),
    ),
    h(
      'dl',
      { class: 'facts' },
      ...fact('Current release', fleet.currentVersion ?? 'none yet: publish one with "npx holdfast releases publish VERSION PATH"'),
      ...fact('Lock', fleet.lock),
    ),
  ];
}

function listsOf(fleet: FleetView): Node[] {
  return [
    h('h2', {}, 'History'),
    fleet.deploys.length === 0
      ? h('p', { class: 'quiet' }, 'no deploy yet')
      : table('deploys', 'Deploys, latest first', ['Started', 'Took', 'Release', 'Outcome', 'By', 'Deploy'], fleet.deploys.map(row), [1]),
    h('h2', {}, 'Releases'),
    fleet.releases.length === 0
      ? h('p', { class: 'quiet' }, 'no release yet')
      : table(
          'releases',
          'Releases, newest first',
          ['Version', 'Fleet', 'Published', 'Bytes', 'By'],
          fleet.releases.map(({ version, publishedAtMs, sizeBytes, publishedBy }) => [
            version,
            version === fleet.currentVersion ? stateBadge('OK', 'current') : '',
            dateTime(publishedAtMs),
            sizeBytes.toLocaleString('en-US'),
            publishedBy,
          ]),
          [3],
        ),
  ];
}

const fact = (name: string, text: string): Node[] => [h('dt', {}, name), h('dd', {}, text)];

const row = (deploy: DeployRow) => [
  dateTime(deploy.startedAtMs),
  deploy.duration,
  `${deploy.from} → ${deploy.to}`,
  stateBadge(deploy.status, deploy.outcome),
  deploy.requestedBy,
  h(
    'a',
    { href: `#/deploys/${deploy.deployId}`, 'data-key': deploy.deployId, 'aria-label': `Deploy ${deploy.deployId}` },
    deploy.deployId.slice(0, 8),
  ),
];

/** What becomes of the servers when a deploy fails. */
export const onFailureChoice = () =>
  choice('onFailure', 'If it fails', [
    { value: '', label: "the fleet's setting" },
    { value: 'rollback', label: 'rollback', hint: 'every server goes back to the release that it had' },
    { value: 'halt', label: 'halt', hint: 'nothing goes back; the report says what is where' },
  ]);

function askForDeploy({ fleet, releases, currentVersion }: FleetView): void {
  const option = ({ version }: FleetView['releases'][number]) =>
    h('option', { value: version }, version === currentVersion ? `${version} (current)` : version);
  const version = (form: FormData) => String(form.get('version') ?? '');
  ask({
    title: `Deploy a release to ${fleet}`,
    fields: [h('label', {}, 'Release ', h('select', { name: 'version', required: true }, ...releases.map(option))), onFailureChoice()],
    explain: (form) =>
      `Rolls ${version(form)} through fleet ${fleet}, server by server: each is drained, installed, checked and taken back in. ` +
      'Auto Scaling waits until it has ended, and another deploy is refused meanwhile.',
    confirm: 'Deploy',
    act: async (form) => {
      const onFailure = form.get('onFailure');
      const { deployId } = await post<{ deployId: string }>('deploys', { version: version(form), ...(onFailure && { onFailure }) });
      location.hash = `#/deploys/${deployId}`;
    },
  });
}
