import type { Facts } from '../facts.ts';
import { type Finding, topic } from '../finding.ts';
import type { Look } from '../look.ts';
import type { Check } from './check.ts';

/** A line for each look that saw nothing: what is not there, and what could not be looked at. */
export const checkMissingFacts: Check = (facts, { local }) => {
  const looks = Object.values(facts as unknown as Record<keyof Facts, Look<unknown> | unknown>)
    .flat()
    .filter((fact): fact is Look<unknown> => typeof fact === 'object' && fact !== null && 'state' in fact);
  const installed = looks.some((one) => one === facts.targetGroup && one.state === 'seen') || facts.fleetRecord.state === 'seen';
  const findings = looks.flatMap((one): Finding[] => {
    if (one.state === 'absent') return [absent(one, installed)];
    if (one.state !== 'blind') return [];
    const { what, resource } = one.subject;
    const where = local && one.cause === 'refused' ? '; the local cloud may not emulate it' : '';
    return [
      topic('could-not-look', resource, 'what nobody has seen may be wrong').unknown(
        `could not look at ${what}: ${one.reason}${where}`,
        one.mend,
      ),
    ];
  });
  // Several looks may miss one thing: a table with all its records.
  return findings.filter(({ what }, index) => findings.findIndex((other) => other.what === what) === index);
};

function absent({ subject: { what, resource, named } }: Look<unknown> & { state: 'absent' }, installed: boolean): Finding {
  if (named) {
    const { error } = topic('existence', resource, 'it is in use by name, so it has to be there');
    return error(`${what} does not exist in this account and Region`, 'correct its name, account or Region');
  }
  const about = topic('existence', resource, 'Holdfast makes it; nothing of it can be checked before');
  // A stack after another: one that is there while another is not is an installation that stands half.
  if (installed)
    return about.warning(`${what} is missing, although other parts of the installation are there`, 'run "npx cdk deploy --all"');
  return about.notice(`${what} is not there yet`, 'next step: "npx cdk deploy --all"');
}
