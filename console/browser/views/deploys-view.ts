/** What the fleet runs, its releases, and its deploys. */
import { holdfast } from '../../../functions/shared/command-options.ts';
import type { DeployRow, FleetView } from '../../deploys.ts';
import type { DryRunView } from '../../dry-run.ts';
import { get, post } from '../api.ts';
import { actionButton, choice, openDialog } from '../dialogs.ts';
import { h, replace } from '../dom.ts';
import { deadline, deployBadge, factStrip, facts, heading, moment, quiet, stateBadge, table } from '../elements.ts';
import { withTimes } from '../format.ts';
import { poll, type View } from '../poll.ts';
import { createTimeline } from '../timeline.ts';

const RUNNING_MS = 1_000;
const QUIET_MS = 5_000;

export function deploysView(): View {
  const head = h('div');
  const latest = h('div');
  const timeline = createTimeline();
  const lists = h('div');
  const element = h('div', {}, head, latest, timeline.element, lists);
  const poller = poll(
    () => get<FleetView>('deploys'),
    (fleet) => {
      replace(head, ...headOf(fleet));
      replace(latest, ...latestOf(fleet));
      timeline.update(fleet.latest);
      replace(lists, ...listsOf(fleet));
      return fleet.deploys.some(({ status }) => status === 'RUNNING') ? RUNNING_MS : QUIET_MS;
    },
    QUIET_MS,
  );
  const leave = () => {
    poller.stop();
    timeline.dispose();
  };
  return { title: 'Deploys', section: 'deploys', element, leave };
}

function headOf(fleet: FleetView): Node[] {
  return [
    heading(
      `Deploys of fleet ${fleet.fleet}`,
      actionButton('Deploy a release…', 'deploy', () => openDeployDialog(fleet), 'primary'),
    ),
    factStrip([
      ['Current release', fleet.currentVersion ?? 'none yet: publish a release, then deploy it'],
      ['Lock', withTimes(fleet.lock, Date.now())],
    ]),
  ];
}

/** The deploy that is running, or else the last one. */
function latestOf({ latest }: FleetView): Node[] {
  if (!latest) return [];
  const { deployId, release, status, targets } = latest;
  return [
    h('h2', {}, status === 'RUNNING' ? 'Running deploy' : 'Latest deploy'),
    h(
      'p',
      { class: 'latest' },
      h('a', { href: `#/deploys/${deployId}`, 'data-key': 'latest' }, release),
      ' ',
      deployBadge(latest),
      latest.waiting ? ' ' : null,
      latest.waiting ? deadline('rolls back', latest.waiting.untilMs) : null,
    ),
    ...(status === 'RUNNING'
      ? [h('ul', { class: 'lines panel' }, ...targets.map(({ instanceId, words }) => h('li', {}, `${instanceId}: ${words}`)))]
      : []),
  ];
}

function listsOf(fleet: FleetView): Node[] {
  return [
    h('h2', {}, 'History'),
    fleet.deploys.length === 0
      ? quiet('No deploys yet. Each one will be listed here with its result. “Deploy a release…” starts the first.')
      : table(
          'deploys',
          'Deploys, latest first',
          ['Started (UTC)', 'Duration', 'Release', 'Status', 'Requested by', 'Deploy ID'],
          fleet.deploys.map(row),
          [1],
        ),
    h('h2', {}, 'Releases'),
    fleet.releases.length === 0
      ? quiet(`No releases yet. What can be deployed will be listed here; “${holdfast('releases publish VERSION PATH')}” publishes one.`)
      : table(
          'releases',
          'Releases, newest first',
          ['Release', 'Status', 'Published (UTC)', 'Bytes', 'Published by'],
          fleet.releases.map(({ version, publishedAtMs, sizeBytes, publishedBy }) => [
            version,
            version === fleet.currentVersion ? stateBadge('OK', 'current') : '',
            moment(publishedAtMs),
            sizeBytes.toLocaleString('en-US'),
            publishedBy,
          ]),
          [3],
        ),
  ];
}

const row = (deploy: DeployRow) => [
  moment(deploy.startedAtMs),
  deploy.duration,
  deploy.release,
  deployBadge(deploy),
  deploy.requestedBy,
  h(
    'a',
    { href: `#/deploys/${deploy.deployId}`, 'data-key': deploy.deployId, 'aria-label': `Deploy ${deploy.deployId}` },
    deploy.deployId.slice(0, 8),
  ),
];

/** What the deploy does with the servers when it fails. */
export const onFailureChoice = () =>
  choice('onFailure', 'If it fails', [
    { value: '', label: "the fleet's setting" },
    { value: 'rollback', label: 'rollback', hint: 'returns every server to its previous release' },
    { value: 'halt', label: 'halt', hint: 'leaves every server as it is, and reports the state of each' },
  ]);

/** Whether the deploy waits for a decision after its first server. */
const pauseChoice = () =>
  choice('pauseAfter', 'Pause', [
    { value: '', label: 'none' },
    {
      value: '1',
      label: 'after the first server',
      hint: 'waits for someone to continue it, and rolls back if no one does; cannot be combined with halt',
    },
  ]);

function openDeployDialog({ fleet, releases, currentVersion }: FleetView): void {
  const option = ({ version }: FleetView['releases'][number]) =>
    h('option', { value: version }, version === currentVersion ? `${version} (current)` : version);
  const version = (form: FormData) => String(form.get('version') ?? '');
  const options = (form: FormData) => ({
    ...(form.get('pauseAfter') && { pauseAfter: Number(form.get('pauseAfter')) }),
    ...(form.get('onFailure') && { onFailure: String(form.get('onFailure')) }),
  });
  openDialog({
    title: `Deploy a release to fleet ${fleet}`,
    fields: [
      h('label', {}, 'Release ', h('select', { name: 'version', required: true }, ...releases.map(option))),
      pauseChoice(),
      onFailureChoice(),
    ],
    explain: (form) =>
      `Rolls ${version(form)} through fleet ${fleet}: drains each server, installs the release, checks its health and registers it again. ` +
      'Auto Scaling is suspended and other deploys are refused until the deploy has ended.',
    confirm: 'Deploy',
    check: { label: 'Dry run', run: (form) => dryRun(version(form), options(form)) },
    act: async (form) => {
      const { deployId } = await post<{ deployId: string }>('deploys', { version: version(form), ...options(form) });
      location.hash = `#/deploys/${deployId}`;
    },
  });
}

/** What a deploy would do, in the dialog that starts it. */
async function dryRun(version: string, options: { readonly pauseAfter?: number; readonly onFailure?: string }): Promise<HTMLElement> {
  const { refused, refusals, warnings, unchecked, people, sessions, order, servers, expected, worst, suspended } = await post<DryRunView>(
    'dry-runs',
    {
      version,
      ...options,
    },
  );
  return h(
    'section',
    { class: 'dry-run', 'aria-label': `Dry run of ${version}` },
    h(
      'p',
      {},
      refused ? stateBadge('FAILED', `${version} would be refused`) : stateBadge('OK', `nothing that can be checked refuses ${version}`),
    ),
    refusals.length > 0 && h('ul', { class: 'lines' }, ...refusals.map(({ error, message }) => h('li', {}, `${error}: ${message}`))),
    servers.length > 0 &&
      table(
        'dry-run-servers',
        'Servers in the order of their rolls',
        ['Turn', 'Server', 'Zone', 'Release', 'Out of service', 'Drained by'],
        servers.map(({ instanceId, zone, version: own, outOfService, drain }, index) => [
          index + 1,
          instanceId,
          zone,
          own,
          unbroken(outOfService),
          drain,
        ]),
      ),
    facts([
      ['Order', order],
      ['Expected time', expected],
      ...(worst === undefined ? [] : [['At most', worst] as const]),
      ...(suspended === undefined ? [] : [['Auto Scaling suspended for', suspended] as const]),
      ...(people === undefined ? [] : [['People', people] as const]),
      ...(sessions === undefined ? [] : [['Sessions', sessions] as const]),
      ...warnings.map((sentence) => ['Warning', sentence] as const),
      ...unchecked.map(({ check, why }) => ['Unchecked', `${check}: ${why}`] as const),
    ]),
  );
}

/** A text that wraps between its words alone: not behind the hyphen of a server's id. */
const unbroken = (text: string): HTMLElement =>
  h('span', {}, ...text.split(' ').flatMap((word, index) => [index > 0 && ' ', h('span', { class: 'word' }, word)]));
