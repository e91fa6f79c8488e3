/** What a deploy would do, in the dialog that starts it. */
import type { DryRunView } from '../../dry-run.ts';
import { post } from '../api.ts';
import { h } from '../dom.ts';
import { facts, stateBadge, table } from '../elements.ts';

export async function dryRun(
  version: string,
  options: { readonly pauseAfter?: number; readonly onFailure?: string },
): Promise<HTMLElement> {
  const { refused, refusals, warnings, unchecked, people, sessions, order, servers, copies, expected, worst, suspended } =
    await post<DryRunView>('dry-runs', {
      version,
      ...options,
    });
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
      ...copies.map((words) => ['Copies', words] as const),
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
