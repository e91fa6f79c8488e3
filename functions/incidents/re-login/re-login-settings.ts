/** What the page says that users get while no session can be read, and which requests get it. */
export interface ReLoginPage {
  /** Hosts of the rule's condition; none: every host. */
  readonly hosts: readonly string[];
  /** Paths of the rule's condition. With the hosts one to five, the maximum of a listener rule. */
  readonly paths: readonly string[];
  /** Paths under those that reach the servers all the same: a payment that comes back, a status page. @default none */
  readonly spare?: readonly string[];
  /** Priorities that the rule can take, both included. */
  readonly priorities: { readonly first: number; readonly last: number };
  /** Language of the page's text, which screen readers need: `en`, `pt-BR`. */
  readonly language: string;
  readonly title: string;
  readonly message: string;
  /** Text of the link that tries again at once. */
  readonly retry: string;
  /** The page tries again by itself after about this time. */
  readonly retrySeconds: number;
}

/** The body of a fixed response. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_FixedResponseActionConfig.html */
export const MOST_BODY_BYTES = 1_024;
/** Values of a rule's conditions together, and wildcards in them. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
export const MOST_CONDITION_VALUES = 5;
export const MOST_WILDCARDS = 5;
/** Values of one condition: documented, though users report that more are taken. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html */
export const MOST_VALUES_OF_A_CONDITION = 3;
export const LOWEST_PRIORITY = 50_000;
