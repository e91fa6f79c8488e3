/** Situations in which somebody's words are all, or nearly all, that there is. */
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import { access, application, evidence, NOW_MS, SIGN_MS, server, TURNED_AWAY, traces } from '../healthy-evidence.ts';

const words = (category: 'storeConnection' | 'readOnly' | 'serialization', count: number) => ({
  application: application({ [category]: count, firstMs: { [category]: SIGN_MS - 60_000 }, lastMs: { [category]: NOW_MS - 1_000 } }),
});
const rolling = { deployId: 'd-1', from: '1.3.0', to: '1.4.0', status: 'RUNNING', startedAtMs: SIGN_MS - 120_000 };
/** The first server has the new release, and loses sessions; the others do not. */
export function unreadable(over: { readonly lost?: boolean } = {}): Evidence {
  const { lost = true } = over;
  const errors = {
    application: {
      ...words('serialization', 40).application,
    },
  };
  const losing = { sessions: { ...traces('i-1', 20), ...traces('lost', 9, { lost: true }) } };
  const both = [
    server('i-1', { release: '1.4.0', ...errors, ...(lost && { access: access('i-1', losing) }) }),
    server('i-2', { release: '1.3.0' }),
    server('i-3', {
      release: '1.4.0',
      ...errors,
      ...(lost && { access: access('i-3', { ...losing, sessions: traces('more', 9, { lost: true }) }) }),
    }),
    server('i-4', { release: '1.3.0' }),
  ];
  return evidence({ deploys: { deploys: [rolling] }, servers: { servers: both }, traffic: TURNED_AWAY });
}
