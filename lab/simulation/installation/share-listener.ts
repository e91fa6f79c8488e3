import type { Installation } from './installation.ts';

/**
 * The installation behind a listener that it shares with other services: the rules have the priorities and conditions of the template for
 * such a listener. Nothing else changes, so that a seed's run is the same behind either.
 */
export function shareListener(installation: Installation, { ownRule, drain }: Pick<Installation, 'ownRule' | 'drain'>): Installation {
  if (!installation.drain || !ownRule || !drain) throw new Error('only a fleet with a drain rule shares its listener in the simulation');
  const { rule, targetGroup } = installation.drain;
  const beside = (arn: string) => rule.arn.replace(/[^/]*$/, arn.slice(arn.lastIndexOf('/') + 1));
  return {
    ...installation,
    ownRule: { ...ownRule, arn: beside(ownRule.arn) },
    drain: { targetGroup, rule: { ...drain.rule, arn: rule.arn } },
  };
}
