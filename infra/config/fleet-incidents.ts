/** Keys of a fleet about incidents: the page that its users see, the actions that outlive a session, when its alarm fires. */
import { z } from 'zod';
import { LOWEST_PRIORITY, MOST_CONDITION_VALUES } from '../../functions/incidents/re-login/re-login-settings.ts';

const values = z.array(z.string().min(1).max(128)).max(MOST_CONDITION_VALUES);
const priority = z.int().min(1).max(LOWEST_PRIORITY);

/** What users see while no session can be read, by a rule of the load balancer. Its texts have defaults in English. */
const reLoginPage = z.strictObject({
  /** Hosts that show it. @default those of existing.listenerRule; any host of a created load balancer */
  hosts: values.optional(),
  /** Paths that show it. @default those of existing.listenerRule; every path of a created load balancer */
  paths: values.optional(),
  /** Paths that reach the servers all the same, such as where a payment comes back: a rule of its own for each, before the page's. @default none */
  spare: values.optional(),
  /** Priorities that Holdfast's rule can take, both included; yours are never changed. @default 1 to 50,000 */
  priorities: z.strictObject({ first: priority, last: priority }).default({ first: 1, last: LOWEST_PRIORITY }),
  /** The language of the texts. */
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .default('en'),
  title: z.string().min(1).max(100).default('Please wait a moment'),
  message: z
    .string()
    .min(1)
    .max(500)
    .default(
      'We cannot open your session right now. This page tries again by itself. You may have to log in again; what you sent last may not have arrived.',
    ),
  retry: z.string().min(1).max(60).default('Try again now'),
  retrySeconds: z.int().min(5).max(300).default(15),
});

export const fleetIncidents = z.strictObject({
  /** `false`: there is none. @default a page for what Holdfast's own listener or rule forwards; none for an existing target group */
  reLoginPage: z.union([z.literal(false), reLoginPage]).optional(),
  /**
   * Creates a table in which the application keeps what its users have begun and must not lose with their session: orders,
   * payments. Its servers' role is allowed to use it, and awsAccess is on.
   */
  criticalActions: z.boolean().default(false),
  /** Share of redirects, or of 4xx, in the servers' responses at which an alarm fires; usual shares differ between applications. */
  loggedOutPercent: z.number().min(1).max(100).default(50),
});

/** A page with the default texts. */
export const DEFAULT_PAGE = reLoginPage.parse({});
