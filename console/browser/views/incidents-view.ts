/** The latest incidents. */
import type { IncidentRow } from '../../../cli/incidents/incident-row.ts';
import { RUNBOOKS } from '../../../functions/incidents/contract/causes.ts';
import { dateTimeText } from '../../../functions/shared/texts.ts';
import type { IncidentsView } from '../../incidents.ts';
import { get, post } from '../api.ts';
import { actionButton, choice, openDialog } from '../dialogs.ts';
import { h, replace } from '../dom.ts';
import { causeLink, heading, quiet, stateBadge, table } from '../elements.ts';
import { poll, type View } from '../poll.ts';

const REFRESH_MS = 3_000;

/** What another console has below the incidents. */
export interface Part {
  readonly element: HTMLElement;
  stop(): void;
}

export function incidentsView(below?: () => Part): View {
  const body = h('div');
  const part = below?.();
  const poller = poll(
    () => get<IncidentsView>('incidents'),
    (view): undefined => void replace(body, ...parts(view)),
    REFRESH_MS,
  );
  return {
    title: 'Incidents',
    section: 'incidents',
    element: h('div', {}, body, part?.element),
    leave: () => {
      poller.stop();
      part?.stop();
    },
  };
}

const parts = ({ incidents, fleet }: IncidentsView): Node[] => [
  heading(
    'Incidents',
    actionButton('Dry run…', 'dry-run', () => openRunDialog(fleet), 'primary'),
  ),
  incidents.length === 0
    ? quiet(
        'No incidents yet. An alarm opens one; its runbook looks for the cause, and the finding and what was done are listed here. “Dry run…” shows what a runbook finds now.',
      )
    : table(
        'incidents',
        'Incidents, latest first',
        // On a telephone the first columns are those that show without scrolling.
        ['Incident ID', 'State', 'Finding', 'About', 'Runbook', 'Opened (UTC)', 'Duration'],
        incidents.map(row),
        [6],
      ),
];

const row = ({ incidentId, openedAtMs, duration, state, open, runbook, about, finding }: IncidentRow) => [
  h('a', { href: `#/incidents/${incidentId}`, 'data-key': incidentId, 'aria-label': `Incident ${incidentId}` }, incidentId),
  stateBadge(open ? 'ALARM' : 'OK', state),
  causeLink(finding),
  about,
  runbook,
  dateTimeText(openedAtMs),
  duration,
];

function openRunDialog(fleet: string): void {
  openDialog({
    title: 'Run a runbook without changing anything',
    fields: [
      choice(
        'runbook',
        'Runbook',
        RUNBOOKS.map((value) => ({ value, label: value })),
      ),
    ],
    explain: (form) =>
      `Collects the evidence of ${String(form.get('runbook'))} (fleet ${fleet}), looks for the cause and names what would be done. Nothing is changed, and nobody is notified.`,
    confirm: 'Start the dry run',
    act: async (form) => void (await post('incidents', { runbook: String(form.get('runbook')) })),
  });
}
