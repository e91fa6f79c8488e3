import { optionsOf } from '../../command-options.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** Whether users get a re-login page instead of the application now, and whether an incident still shows it. */
export const checkShownPages: Check = (facts, subject) =>
  (known(facts.shownPages) ?? []).map(({ ruleArn, priority, incidentId, isHeld }) => {
    const { fleet, region } = subject;
    const page = topic(
      'shown-re-login-page',
      ruleArn,
      'users get this page in place of the application, and no request of theirs reaches a server',
    );
    const shows = `the rule with priority ${priority} shows users of ${fleet} the re-login page of incident ${incidentId}`;
    if (isHeld) return page.notice(shows, `see what is wrong: npx holdfast incidents show ${incidentId} ${optionsOf(subject)}`);
    return page.error(
      `${shows}, and no open incident holds it`,
      `if the store is healthy, delete the rule: aws elbv2 delete-rule --rule-arn ${ruleArn} --region ${region}`,
    );
  });
