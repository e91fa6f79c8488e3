import { whyUnread } from '../../../functions/deploy/probe/decide-probe.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import { currentContract } from './check-releases.ts';

/**
 * Whether the next deploy can check that both releases read each other's sessions, judged by the current release, since the next one is not
 * known yet. Nothing is reported if the release has no probe and the fleet has no secret for one: nobody wants the check then.
 */
export const checkSessionProbe: Check = (facts, { fleet, settings }) => {
  const contract = currentContract(facts);
  if (!contract || (contract.session?.probe === undefined && !settings.sessionProbe)) return [];
  const about = topic(
    'session-probe',
    fleet,
    'a release that cannot read the sessions of the previous one logs users out while it is deployed',
  );
  const why = whyUnread(contract, {
    hasSecret: settings.sessionProbe,
    version: known(facts.fleetRecord)?.currentVersion ?? '',
    serving: Array.from({ length: Math.max(0, facts.memberIds.length - 1) }, () => contract),
  });
  if (why === undefined) return about.ok("deploys try whether both releases read each other's sessions");
  const advice = settings.sessionProbe
    ? 'the dry run of a deploy says whether the next release changes that'
    : 'set deploy.sessionProbe to true and run npx --no cdk deploy --all';
  return about.notice(`deploys leave unchecked whether both releases read each other's sessions: ${why}`, advice);
};
