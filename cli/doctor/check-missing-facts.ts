import { recordsOf } from './facts.ts';
import { type Finding, type Findings, type StoreCheck, topic } from './finding.ts';
import type { Lookup } from './lookup.ts';

/** A finding for each resource that does not exist or could not be read. */
export const checkMissingFacts: StoreCheck = (facts, { local }) => {
  const lookups = Object.values(facts)
    .flat()
    .filter((fact): fact is Lookup<unknown> => typeof fact === 'object' && fact !== null && 'state' in fact);
  const installed = recordsOf(facts).state === 'known';
  const findings = lookups.flatMap((one): Findings => {
    if (one.state === 'absent') return absent(one, installed);
    if (one.state !== 'unknown') return [];
    const { what, resource, unlessAllowed } = one.subject;
    if (one.cause === 'denied' && unlessAllowed !== undefined)
      return topic('could-not-read', resource, unlessAllowed).notice(`did not read ${what}: ${one.reason}`, '');
    const where = local && one.cause === 'refused' ? '; the local cloud may not emulate it' : '';
    return topic('could-not-read', resource, 'a resource that could not be read may be wrong').unknown(
      `could not read ${what}: ${one.reason}${where}`,
      one.fix,
    );
  });
  // Several lookups may find the same resource missing: a table with all its records.
  return findings.filter(({ what }, index) => findings.findIndex((other) => other.what === what) === index);
};

function absent({ subject: { what, resource, named } }: Lookup<unknown> & { state: 'absent' }, installed: boolean): Finding {
  if (named) {
    const { error } = topic('existence', resource, 'the configuration names it as an existing resource');
    return error(`${what} does not exist in this account and Region`, 'correct its name, account or Region');
  }
  const about = topic('existence', resource, 'Holdfast creates it; it cannot be checked before');
  // Some stacks exist and others do not: the installation is incomplete.
  if (installed)
    return about.warning(`${what} is missing, although other parts of the installation exist`, 'run "npx --no cdk deploy --all"');
  return about.notice(`${what} does not exist yet`, 'run "npx --no cdk deploy --all"');
}
