/** docs/doctor.md with its table, from the list of checks. Pure. */
import { WAR_CHECKS } from '../../cli/releases/tomcat/check-war.ts';
import { CHECKS } from '../../functions/checks/checks.ts';
import type { Asker, Check } from '../../functions/shared/check.ts';
import { SYNTH_CHECKS } from '../../infra/checks.ts';
import { withTable } from './figures-pages.ts';

const ASKERS: Readonly<Record<Asker, string>> = {
  synth: 'synthesis',
  publish: 'publishing',
  doctor: 'doctor',
  'dry-run': 'dry run',
  preflight: 'deploy',
};

/** Every check of every house, those of doctor first. */
export const ALL_CHECKS: readonly Pick<Check<never>, 'name' | 'when' | 'what' | 'why'>[] = [...CHECKS, ...SYNTH_CHECKS, ...WAR_CHECKS];

/** @throws Error when the page has no such table */
export function doctorPage(page: string): string {
  const rows = [...Map.groupBy(ALL_CHECKS, ({ name }) => name)].map(([name, checks]) => {
    const asked = new Set(checks.flatMap(({ when }) => when));
    const askers = (Object.keys(ASKERS) as Asker[]).filter((asker) => asked.has(asker)).map((asker) => ASKERS[asker]);
    return [`\`${name}\``, [...new Set(checks.map(({ what }) => what))].join('; '), askers.join(', ')];
  });
  return withTable(page, 'check ', rows);
}
