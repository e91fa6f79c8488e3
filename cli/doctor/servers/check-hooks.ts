import { counted } from '../../../functions/shared/counted.ts';
import { describeForeignHook, foreignHooks, removeForeignHook } from '../../../functions/shared/foreign-hooks.ts';
import { type Check, type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** What holds servers on their way into and out of service, next to Holdfast: lifecycle hooks of other tools, and a warm pool. */
export const checkHooks: Check = (facts, { awsOptions }) => {
  const group = known(facts.group);
  const hooks = known(facts.hooks);
  if (!group) return [];
  const findings: Finding[] = [];
  if (hooks) {
    const about = topic('foreign-hooks', group.name, 'a server serves, or ends, only once every lifecycle hook of its group is completed');
    for (const hook of foreignHooks(hooks, 'launch')) {
      findings.push(about.warning(describeForeignHook(hook), removeForeignHook(group.name, hook, awsOptions)));
    }
    for (const hook of foreignHooks(hooks, 'terminate')) {
      findings.push(about.notice(describeForeignHook(hook), removeForeignHook(group.name, hook, awsOptions)));
    }
    if (findings.length === 0) findings.push(about.ok('the group has no lifecycle hooks of other tools'));
  }
  if (group.warmPool) {
    const { state, size } = group.warmPool;
    const about = topic(
      'warm-pool',
      group.name,
      'a server of a warm pool was prepared some time ago, with the release that was current then',
    );
    findings.push(
      about.notice(
        `the group has a warm pool of ${counted(size, 'server')} (${state}): each installs the current release again on its way into service, which takes as long as a launch's install and gate`,
        'none',
      ),
    );
  }
  return findings;
};
