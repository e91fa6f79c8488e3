/** One deploy: its progress or result, and the phases of each server. */
import { clockText, dateTimeText } from '../../../functions/shared/texts.ts';
import type { DeployView, TargetView } from '../../deploys.ts';
import { get, post } from '../api.ts';
import { actionButton, openDialog } from '../dialogs.ts';
import { announce, h, replace } from '../dom.ts';
import { deadline, deployBadge, type Fact, factStrip, facts, folded, heading, moment, quiet, stateBadge, table } from '../elements.ts';
import { withTimes } from '../format.ts';
import { poll, type View } from '../poll.ts';
import { createTimeline } from '../timeline.ts';
import { phaseText } from '../timeline-option.ts';
import { onFailureChoice } from './deploys-view.ts';

const RUNNING_MS = 700;
const ENDED_MS = 5_000;

export function deployView(id: string): View {
  const head = h('div');
  const timeline = createTimeline();
  const servers = h('div');
  const element = h('div', {}, head, timeline.element, servers);
  const poller = poll(
    () => get<DeployView>(`deploys/${encodeURIComponent(id)}`),
    (deploy) => {
      replace(head, ...headOf(deploy));
      timeline.update(deploy);
      replace(servers, ...serversOf(deploy));
      announce(
        `Deploy of ${deploy.to}: ${deploy.outcome}. ${deploy.targets.map((target) => `${target.instanceId} ${deploy.status === 'RUNNING' ? phaseText(phaseOf(target)) : target.words}`).join(', ')}`,
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
      poller.stop();
      timeline.dispose();
    },
  };
}

const phaseOf = ({ timeline }: TargetView): string => timeline.at(-1)?.phase ?? 'waiting';

function headOf(deploy: DeployView): Node[] {
  const {
    deployId,
    release,
    status,
    requestedBy,
    startedAtMs,
    duration,
    targets,
    error,
    fleetState,
    warnings = [],
    isCleaningUp,
    waiting,
    continued,
    people,
    sessions,
  } = deploy;
  const done = targets.filter((target) => ['done', 'skipped'].includes(phaseOf(target))).length;
  const more: Fact[] = [
    ...(isCleaningUp ? [['Clean-up', 'The deploy failed or was stopped, and its clean-up is restoring the servers.'] as const] : []),
    ...(waiting === undefined
      ? []
      : [
          [
            'Decision',
            h('span', {}, `This deploy ${waiting.words}. It `, deadline('rolls back', waiting.untilMs), ' unless it is continued.'),
          ] as const,
        ]),
    ...(continued === undefined ? [] : [['Decision', withTimes(continued, Date.now())] as const]),
    ...(error ? [['Error', `${error.name}: ${error.message}`] as const] : []),
    ...(fleetState ? [['Fleet', fleetState] as const] : []),
    ...runbookOf(deploy),
    ...(people === undefined ? [] : [['People', people] as const]),
    ...(sessions === undefined ? [] : [['Sessions', sessions] as const]),
    ...warnings.map((sentence) => ['Warning', sentence] as const),
  ];
  return [
    h('p', { class: 'crumb' }, h('a', { href: '#/deploys', 'data-key': 'all' }, '← All deploys')),
    heading(`Deploy ${release}`, buttons(deploy)),
    factStrip([
      ['Status', deployBadge(deploy)],
      ...(targets.length > 0 ? [['Servers done', `${done} of ${targets.length}`] as const] : []),
      ['Started', moment(startedAtMs, `${dateTimeText(startedAtMs)} UTC`)],
      [status === 'RUNNING' ? 'Running for' : 'Duration', duration],
      ['Requested by', requestedBy],
      ['Deploy ID', deployId],
    ]),
    ...(more.length > 0 ? [facts(more, 'panel')] : []),
  ];
}

/** A deploy that a user stopped needs no runbook, unless it left servers behind. */
function runbookOf({ status, isLeftMixed }: DeployView): Fact[] {
  const [heading, what] = isLeftMixed
    ? ['rollback-failed', 'a deploy that was not rolled back']
    : ({ FAILED: ['deploy-failed', 'a failed deploy'], TIMED_OUT: ['deploy-timed-out', 'a deploy that timed out'] }[status] ?? []);
  if (heading === undefined) return [];
  return [['Runbook', h('a', { href: `#/runbook/${heading}`, 'data-key': 'runbook' }, `What to do about ${what}`)]];
}

function buttons({ deployId, to, status, isCleaningUp, isOver, targets, waiting: toContinue }: DeployView): HTMLElement {
  const abort = () =>
    openDialog({
      title: `Abort the deploy of ${to}`,
      explain: () =>
        'Stops the deploy now. Its clean-up then returns every server that has or may have the new release to its previous release, unless the deploy is set to halt on failure. No user is logged out.',
      confirm: 'Abort the deploy',
      tone: 'danger',
      act: async () => void (await post(`deploys/${deployId}/abort`, {})),
    });
  const goOn = () =>
    openDialog({
      title: `Continue the deploy of ${to}`,
      explain: () =>
        `This deploy ${toContinue?.words}. Continued, it brings the release to the other servers, and your name is on its record.`,
      confirm: 'Continue',
      act: async () => void (await post(`deploys/${deployId}/continue`, {})),
    });
  const waiting = targets.find((target) => ['pinning', 'sessionDrain'].includes(phaseOf(target)));
  const endDrain = () =>
    openDialog({
      title: `End the wait for the sessions of ${waiting?.instanceId}`,
      explain: () => `The deploy goes on at once. Users who still have a session on this server lose it (${waiting?.words}).`,
      confirm: 'End the wait',
      tone: 'danger',
      act: async () => void (await post(`deploys/${deployId}/end-drain`, { instanceId: waiting?.instanceId })),
    });
  const resume = () =>
    openDialog({
      title: `Resume the deploy of ${to}`,
      fields: [onFailureChoice()],
      explain: () =>
        `Starts a new deploy of ${to} that finishes this one: it skips servers that run the release, and begins with those that are out of service. Its safeguards are those of this one; if this one left too few servers in service, it may take out others all the same, but refuses what would end users' sessions.`,
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
    toContinue !== undefined && actionButton('Continue…', 'continue', goOn, 'primary'),
    status === 'RUNNING' && !isCleaningUp && actionButton(toContinue === undefined ? 'Abort…' : 'Reject…', 'abort', abort, 'danger'),
    status === 'RUNNING' && !isCleaningUp && waiting && actionButton('End the wait for sessions…', 'end-drain', endDrain, 'danger'),
    status !== 'RUNNING' && status !== 'SUCCEEDED' && !isOver && targets.length > 0 && actionButton('Resume…', 'resume', resume),
  );
}

function serversOf({ targets, status }: DeployView): Node[] {
  if (targets.length === 0)
    return [
      quiet(
        status === 'RUNNING'
          ? 'Each server will be listed here once the deploy has planned them.'
          : 'The deploy ended before it planned its servers.',
      ),
    ];
  return [
    h('h2', {}, 'Servers'),
    table(
      'servers',
      'Servers of the deploy',
      ['Server', 'Release', 'Status'],
      targets.map((target) => [
        target.instanceId,
        target.release,
        h(
          'span',
          {},
          stateBadge(stateOf(phaseOf(target), status === 'RUNNING'), target.drained ? `${target.words} (${target.drained})` : target.words),
          target.endsAtMs !== undefined && h('span', { class: 'faint' }, ', ', deadline('goes on', target.endsAtMs), ' at the latest'),
        ),
      ]),
    ),
    folded(
      'phases',
      'Start and duration of each phase',
      table(
        'phases-table',
        'Phases of each server',
        ['Server', 'Phase', 'Started (UTC)', 'Duration'],
        targets.flatMap(({ instanceId, timeline }) =>
          timeline.map(({ phase, startedAtMs, durationMs }) => [
            instanceId,
            phaseText(phase),
            moment(startedAtMs, clockText(startedAtMs)),
            durationMs === undefined ? '' : `${(durationMs / 1000).toFixed(1)} s`,
          ]),
        ),
        [3],
      ),
    ),
  ];
}

/** The state that a server's phase is shown as. */
function stateOf(phase: string, isRunning: boolean): string {
  if (phase === 'done') return 'OK';
  if (phase === 'failed') return 'FAILED';
  return isRunning && !['waiting', 'skipped', 'rolledBack'].includes(phase) ? 'RUNNING' : phase;
}
