import { chooseRules } from '../../../functions/incidents/re-login/choose-rule.ts';
import { commandFor } from '../../command-options.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** Whether the rule that shows the re-login page would find a free priority, and room in the quota. */
export const checkReLoginPage: Check = (facts, { fleet, reLoginPage }) => {
  const front = known(facts.loadBalancer);
  const listeners = known(facts.listeners);
  const quota = known(facts.limits)?.['rules-per-application-load-balancer'];
  // A page that is shown has found its priority.
  if ((known(facts.shownPages) ?? []).length > 0) return [];
  // A listener that does not forward to the fleet has a finding of its own.
  if (!reLoginPage || !front || quota === undefined || !listeners?.some(({ forwards }) => forwards)) return [];
  const page = topic(
    're-login-page',
    front.arn,
    'while no session can be read, users get errors of the application instead of a page that tries again',
  );
  const chosen = chooseRules(
    listeners.map(({ routes }) => routes),
    reLoginPage,
    quota,
  );
  if ('refused' in chosen)
    return page.warning(
      `the re-login page of ${fleet} could not be shown: ${chosen.refused}`,
      `or set fleets.${fleet}.incidents.reLoginPage to false, if users need no such page`,
    );
  const priorities = chosen.rules.map(({ priority }) => priority).join(' and ');
  return page.ok(`the re-login page of ${fleet} can be shown by a rule with priority ${priorities}`);
};

const SHOWN_CHECK = 'shown-re-login-page';
const SHOWN_WHY = 'users get this page in place of the application, and no request of theirs reaches a server';

/** Whether users get a re-login page instead of the application now, and whether an incident still shows it. */
export const checkShownPages: Check = (facts, subject) => {
  const { fleet, awsOptions } = subject;
  const pages = known(facts.shownPages);
  if (pages?.length === 0) return topic(SHOWN_CHECK, fleet, SHOWN_WHY).ok(`no re-login page is shown to users of ${fleet}`);
  return (pages ?? []).map(({ ruleArn, priority, incidentId, isHeld }) => {
    const page = topic(SHOWN_CHECK, ruleArn, SHOWN_WHY);
    const shows = `the rule with priority ${priority} shows users of ${fleet} the re-login page of incident ${incidentId}`;
    if (isHeld) return page.notice(shows, `see what is wrong: ${commandFor(subject, `incidents show ${incidentId}`)}`);
    return page.error(
      `${shows}, and no open incident holds it`,
      `if the store is healthy, delete the rule: aws elbv2 delete-rule --rule-arn ${ruleArn} ${awsOptions}`,
    );
  });
};
