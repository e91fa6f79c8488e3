import { optionsOf } from '../../command-options.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';

const CHECK = 'shown-re-login-page';
const WHY = 'users get this page in place of the application, and no request of theirs reaches a server';

/** Whether users get a re-login page instead of the application now, and whether an incident still shows it. */
export const checkShownPages: Check = (facts, subject) => {
  const { fleet, awsOptions } = subject;
  const pages = known(facts.shownPages);
  if (pages?.length === 0) return topic(CHECK, fleet, WHY).ok(`no re-login page is shown to users of ${fleet}`);
  return (pages ?? []).map(({ ruleArn, priority, incidentId, isHeld }) => {
    const page = topic(CHECK, ruleArn, WHY);
    const shows = `the rule with priority ${priority} shows users of ${fleet} the re-login page of incident ${incidentId}`;
    if (isHeld) return page.notice(shows, `see what is wrong: npx holdfast incidents show ${incidentId} ${optionsOf(subject)}`);
    return page.error(
      `${shows}, and no open incident holds it`,
      `if the store is healthy, delete the rule: aws elbv2 delete-rule --rule-arn ${ruleArn} ${awsOptions}`,
    );
  });
};
