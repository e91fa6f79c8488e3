import { capital } from '../../shared/counted.ts';
import { describeForeignHook, foreignHooks, type GroupHook, removeForeignHook } from '../../shared/foreign-hooks.ts';

/** One sentence for each lifecycle hook of another tool that holds the servers which Auto Scaling launches into the group. */
export const warnOfHooks = (group: string, hooks: readonly GroupHook[]): readonly string[] =>
  foreignHooks(hooks, 'launch').map((hook) => `${capital(describeForeignHook(hook))}: ${removeForeignHook(group, hook, '')}.`);
