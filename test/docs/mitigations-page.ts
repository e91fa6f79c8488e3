/** docs/mitigations.md with its table, from the descriptors. Pure. */
import { DESCRIPTORS, MITIGATIONS, type MitigationName } from '../../functions/incidents/contract/mitigations.ts';
import { withTable } from './figures-pages.ts';

/** What undo brings back. */
const UNDO: Readonly<Partial<Record<MitigationName, string>>> = {
  'restore-stickiness': 'the attributes before',
  're-login-page': "deletes the page's rules",
};

/** @throws Error when the page has no such table, or a mitigation that can be undone has no text */
export const mitigationsPage = (page: string): string =>
  withTable(
    page,
    'mitigation ',
    MITIGATIONS.map((name) => [`\`${name}\``, DESCRIPTORS[name].effect, DESCRIPTORS[name].needs, undoOf(name)]),
  );

function undoOf(name: MitigationName): string {
  if (DESCRIPTORS[name].undoable !== (UNDO[name] !== undefined))
    throw new Error(`${name}: the table's undo is not what its descriptor has`);
  return UNDO[name] ?? 'none';
}
