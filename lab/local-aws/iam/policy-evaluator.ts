/** Asks the emulator's IAM whether a role's policies allow a call. */
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { type EmulatorAccess, emulatorClientOptions } from '../emulator/emulator-access.ts';
import type { Now } from '../interfaces.ts';

export interface Question {
  readonly policySourceArn: string;
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the call: `ssm:resourceTag/NAME`. */
  readonly context: Readonly<Record<string, string>>;
}

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

export interface PolicyEvaluator {
  decide(question: Question): Promise<Decision>;
  /** Forgets earlier decisions. */
  forget(): void;
  close(): void;
}

/** A policy change by a stack takes effect within a second; on AWS it takes several. A polling function queries once per second. */
const REMEMBERED_MS = 1_000;
const REMEMBERED = 1_000;

export function createPolicyEvaluator(emulator: EmulatorAccess, now: Now): PolicyEvaluator {
  const iam = new IAMClient(emulatorClientOptions(emulator));
  const remembered = new Map<string, { readonly decision: Promise<Decision>; readonly untilMs: number }>();

  async function decide({ policySourceArn, action, resource, context }: Question): Promise<Decision> {
    const reply = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: policySourceArn,
        ActionNames: [action],
        ResourceArns: [resource],
        ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
          ContextKeyName,
          ContextKeyValues: [value],
          ContextKeyType: 'string',
        })),
      }),
    );
    return reply.EvaluationResults?.[0]?.EvalDecision ?? 'implicitDeny';
  }

  return {
    decide(question) {
      const key = JSON.stringify(question);
      const known = remembered.get(key);
      if (known && now() < known.untilMs) return known.decision;
      if (remembered.size >= REMEMBERED) remembered.clear();
      const decision = decide(question);
      remembered.set(key, { decision, untilMs: now() + REMEMBERED_MS });
      decision.catch(() => remembered.delete(key));
      return decision;
    },
    forget: () => remembered.clear(),
    close: () => iam.destroy(),
  };
}
