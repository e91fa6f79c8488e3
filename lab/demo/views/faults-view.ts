/** Faults of the local cloud, for rehearsals of incidents. Hidden where none can be set. */
import { get, post } from '../../../console/browser/api.ts';
import { actionButton, openDialog } from '../../../console/browser/dialogs.ts';
import { h, replace } from '../../../console/browser/dom.ts';
import { causeLink, folded, stateBadge, table } from '../../../console/browser/elements.ts';
import { poll } from '../../../console/browser/poll.ts';
import { counted } from '../../../functions/shared/texts.ts';
import type { FaultView } from './fault-routes.ts';

const REFRESH_MS = 5_000;

interface FaultsView {
  readonly faults: readonly FaultView[];
}

export function faultsPart(): { readonly element: HTMLElement; stop(): void } {
  const element = h('section', { 'aria-label': 'Faults on demand', hidden: true });
  const poller = poll(
    () => get<FaultsView>('faults'),
    ({ faults }): undefined => {
      element.hidden = faults.length === 0;
      replace(element, ...parts(faults));
    },
    REFRESH_MS,
  );
  return { element, stop: poller.stop };
}

function parts(faults: readonly FaultView[]): Node[] {
  const set = faults.filter((fault) => fault.set);
  const others = faults.filter((fault) => !fault.set);
  return [
    h('div', { class: 'head' }, h('h2', {}, 'Faults on demand'), actionButton('Clear all faults…', 'clear-faults', openClearDialog)),
    h('p', { class: 'faint' }, 'In the local cloud only: each produces a cause for real, so that its runbook can be rehearsed.'),
    ...(set.length > 0 ? [list('faults-set', 'Faults that are set', set)] : []),
    folded('other-faults', `${counted(others.length, 'fault')} to inject`, list('faults', 'Faults', others)),
  ];
}

const list = (key: string, caption: string, faults: readonly FaultView[]): HTMLElement =>
  table(key, caption, ['Fault', 'What it does', 'Runbook', 'Cause to find', 'State', 'Action'], faults.map(row));

const row = (fault: FaultView) => [
  fault.name,
  h('span', { class: 'wrap' }, fault.sentence),
  fault.runbook,
  fault.cause === null ? 'none' : causeLink(fault.cause),
  fault.set ? stateBadge('RUNNING', 'set') : '',
  fault.set ? '' : actionButton('Inject…', `inject-${fault.name}`, () => openInjectDialog(fault)),
];

const openInjectDialog = ({ name, sentence, restartsServers }: FaultView): void =>
  openDialog({
    title: `Inject ${name}`,
    explain: () => `${sentence} It ${restartsServers ? 'restarts servers, and ' : ''}stays until faults are cleared.`,
    confirm: 'Inject',
    tone: 'danger',
    act: async () => void (await post(`faults/${encodeURIComponent(name)}`, {})),
  });

const openClearDialog = (): void =>
  openDialog({
    title: 'Clear all faults',
    explain: () => 'Puts everything back as it was before the first fault.',
    confirm: 'Clear',
    act: async () => {
      const { left } = await post<{ left: readonly string[] }>('faults/clear', {});
      if (left.length > 0) throw new Error(left.join(' '));
    },
  });
