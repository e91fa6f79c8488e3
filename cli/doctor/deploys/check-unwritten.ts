import { sumOf } from '../../../functions/shared/arithmetic.ts';
import { describeIdsInUrls, describeUnwritten, IDS_IN_URLS_ADVICE, unwrittenAdvice } from '../../../functions/shared/unwritten.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/**
 * Whether the current release writes what its requests change in sessions, by what its servers showed when they baked. Nothing is reported of
 * servers that compare no sessions, or had no request to compare.
 */
export const checkUnwritten: Check = (facts, { fleet }) => {
  const deploy = known(facts.lastDeploy);
  const samples = Object.values(deploy?.targets ?? {}).flatMap(({ unwritten }) => unwritten ?? []);
  const of = sumOf(samples, (sample) => sample.of);
  const failed = sumOf(samples, (sample) => sample.failed ?? 0);
  if (deploy === undefined || of + failed === 0) return [];
  const about = topic('session-changes', fleet, 'a change that is not in the store is lost when the next request goes to another server');
  const requests = sumOf(samples, (sample) => sample.requests);
  const all = (key: 'attributes' | 'unserializable') => [...new Set(samples.flatMap((sample) => sample[key]))].toSorted();
  const what = describeUnwritten({
    requests,
    of,
    ...(failed > 0 && { failed }),
    attributes: all('attributes'),
    unserializable: all('unserializable'),
  });
  return requests + failed === 0
    ? about.ok(`while release ${deploy.to} baked, all changes of sessions were written, by a sample of ${of} requests`)
    : about.warning(`while release ${deploy.to} baked, ${what}`, unwrittenAdvice({ requests }));
};

/** Whether sessions are known by ids in URLs, by the same look at the servers. */
export const checkIdsInUrls: Check = (facts, { fleet }) => {
  const deploy = known(facts.lastDeploy);
  const inUrls = describeIdsInUrls(Object.values(deploy?.targets ?? {}).flatMap(({ unwritten }) => unwritten ?? []));
  if (deploy === undefined || inUrls === undefined) return [];
  const about = topic('session-ids-in-urls', fleet, 'an id in a URL is in logs and links, and anyone who has it has the session');
  return about.warning(`while release ${deploy.to} baked, ${inUrls}`, IDS_IN_URLS_ADVICE);
};
