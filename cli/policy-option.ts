import { POLICIES, type Policy } from '../functions/sweep/dialect.ts';
import { CommandFailure, EXIT } from './failure.ts';

/** What `--policy` may say: one policy for all, or one for each dialect that is named. */
export type PolicyOption = Policy | Readonly<Record<string, Policy>>;

/** Reads `expire`, or `connect-redis=delete,laravel=report`. @throws CommandFailure InvalidOption */
export function policyOption(text: string): PolicyOption {
  if (isPolicy(text)) return text;
  const parts = text.split(',').map((part) => part.split('='));
  const named = parts.map(([dialect = '', policy = '', ...more]) => {
    if (/^[a-z][a-z0-9-]{0,39}$/.test(dialect) && isPolicy(policy) && more.length === 0) return [dialect, policy] as const;
    throw new CommandFailure(
      'InvalidOption',
      `--policy ${JSON.stringify(text.slice(0, 80))} is neither ${POLICIES.join(', ')} nor a list like connect-redis=delete,laravel=report; nothing was started`,
      EXIT.badInput,
    );
  });
  return Object.fromEntries(named);
}

const isPolicy = (text: string): text is Policy => (POLICIES as readonly string[]).includes(text);
