/** What the fleet's canary found last. */
import { holdfast } from '../../../functions/shared/command-options.ts';
import { dateTimeText } from '../../../functions/shared/texts.ts';
import type { CanaryRow, CanaryView } from '../../canary.ts';
import { h } from '../dom.ts';
import { command, heading, linked, quiet, stateBadge, table } from '../elements.ts';
import { agoText, withTimes } from '../format.ts';
import { redrawnView, type View } from '../poll.ts';

const REFRESH_MS = 10_000;
const STATES: Readonly<Record<CanaryRow['severity'], string>> = {
  error: 'ALARM',
  warning: 'ALARM',
  unknown: 'INSUFFICIENT_DATA',
  notice: 'INSUFFICIENT_DATA',
  ok: 'OK',
};

export const canaryView = (): View => redrawnView<CanaryView>({ title: 'Canary', section: 'canary', path: 'canary' }, parts, REFRESH_MS);

function parts({ fleet, result }: CanaryView): Node[] {
  const head = heading('Canary');
  if (!result) {
    return [
      head,
      quiet(
        linked(
          `Fleet ${fleet} has no canary, or it has not run yet. What it finds out about the site's sessions will be listed here. docs/canary-schedule.md has how to set one up. This command runs one now; docs/canary.md describes RECIPE.json:`,
        ),
      ),
      command(holdfast('canary URL --login RECIPE.json')),
    ];
  }
  const { url, summary, lines, ranAtMs, turnedAtMs, isOld } = result;
  const ran = ranAtMs === undefined ? '' : `, all checks ran at ${dateTimeText(ranAtMs)} UTC`;
  return [
    head,
    h('p', { class: 'faint' }, h('a', { href: url, target: '_blank', rel: 'noopener noreferrer', 'data-key': url }, url), ran),
    ...(isOld && turnedAtMs !== undefined ? [lastTurn(turnedAtMs)] : []),
    h(
      'ul',
      { class: isOld ? 'lines panel old' : 'lines panel' },
      ...summary.map((line) => h('li', {}, linked(withTimes(line, Date.now())))),
    ),
    h('h2', {}, 'Results'),
    lines.length === 0
      ? quiet('The checks have not run yet: they run once a day, and after each deploy. Each will be listed here, the worst result first.')
      : h(
          'div',
          { class: isOld && 'old' },
          table('results', 'Results, worst first', ['Result', 'Check', 'What was seen', 'Why it matters, and the fix'], lines.map(row)),
        ),
  ];
}

const lastTurn = (atMs: number): HTMLElement =>
  h(
    'p',
    { class: 'alert' },
    `The site last answered the canary ${agoText(Date.now() - atMs)}: the results are out of date. `,
    h('a', { href: '#/runbook/canary-silent', 'data-key': 'runbook-canary-silent' }, 'What to do'),
  );

const row = ({ check, result, severity, finding, what, accepted, clauses = [], why, fix }: CanaryRow) => [
  stateBadge(STATES[severity], finding ?? result),
  check,
  h('span', { class: 'wrap' }, accepted === undefined ? what : `${what} (accepted: ${accepted})`),
  why === undefined || fix === undefined
    ? ''
    : h(
        'span',
        { class: 'wrap' },
        `${why}${clauses.length > 0 ? ` (ASVS ${clauses.join(', ')})` : ''}. Fix ${Object.entries(fix)
          .map(([framework, text]) => `in ${framework}: ${text}`)
          .join('; ')}.`,
      ),
];
