/** The comparison of permissions and calls for a reader. */
import type { Comparison } from './compare-permissions.ts';

export function describeComparison({ roles, calls, denied, denials, unused, serviceUsed }: Comparison): string {
  const named = (arn: string) => arn.slice(arn.lastIndexOf('/') + 1);
  return [
    `${roles} roles, ${calls} different calls, ${denied} of them refused, ${unused.length} permissions not used`,
    ...table(
      'refused',
      ['role', 'action', 'resource'],
      denials.map(({ principal, action, resource }) => [named(principal), action, resource]),
    ),
    ...table(
      'not used',
      ['role', 'action', 'resource', 'condition'],
      unused.map(({ role, action, resource, condition }) => [named(role), action, resource, condition ? JSON.stringify(condition) : '']),
    ),
    ...table(
      'used by AWS on behalf of a role',
      ['action', 'why', 'source'],
      serviceUsed.map(({ action, why, source }) => [action, why, source]),
    ),
    '',
  ].join('\n');
}

/** Nothing when there are no rows. */
function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  return ['', `${title}:`, line(head), ...rows.map(line)];
}
