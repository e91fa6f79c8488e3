/** Keys of a fleet about incidents: the page that its users see, the actions that outlive a session, when its alarm fires. */
import { z } from 'zod';
import { LOWEST_PRIORITY, MOST_CONDITION_VALUES } from '../../functions/incidents/contract/environment.ts';
import { matching, text, whole } from './values.ts';

const values = z.array(text(128)).max(MOST_CONDITION_VALUES);
const priority = whole(1, LOWEST_PRIORITY);

/** What users see while no session can be read, by a rule of the load balancer. Its texts have defaults in English. */
const reLoginPage = z.strictObject({
  hosts: values.optional().meta({
    description: 'hosts whose requests get the page: with `paths` one to five values, `*` and `?` at most five times',
    unset: 'those of `existing.listenerRule`; any host of a created load balancer',
  }),
  paths: values.optional().meta({
    description: 'paths whose requests get the page',
    unset: 'those of `existing.listenerRule`; every path of a created load balancer',
  }),
  spare: values
    .optional()
    .describe("paths that reach the servers anyway, such as where a payment comes back, each by a rule in front of the page's"),
  priorities: z
    .strictObject({
      first: priority.describe('first priority that the rule can take'),
      last: priority.describe('last priority that the rule can take'),
    })
    .default({ first: 1, last: LOWEST_PRIORITY })
    .describe(
      'the rule takes the last free priority of these in front of the rules that forward to the fleet. Your rules are never moved: without a free priority there is no page, and `holdfast doctor` warns before',
    ),
  language: matching(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .default('en')
    .describe('language of the texts, for browsers'),
  title: text(100).default('Please wait a moment').describe('heading of the page'),
  message: text(500)
    .default(
      'We cannot open your session right now. This page tries again by itself. You may have to log in again; what you sent last may not have arrived.',
    )
    .describe('text of the page. A synthesis refuses a page of more than 1,024 bytes, the maximum of a fixed response'),
  retry: text(60).default('Try again now').describe('text of the link that tries again'),
  retrySeconds: whole(5, 300).default(15).describe('seconds after which the page tries again by itself, 5 to 300'),
});

export const fleetIncidents = z.strictObject({
  reLoginPage: z
    .union([z.literal(false), reLoginPage])
    .optional()
    .meta({
      description: 'the page that users see while no session can be read; `false`: none',
      unset: "a page for what Holdfast's own listener or rule forwards; none for an existing target group",
    }),
  criticalActions: z
    .boolean()
    .default(false)
    .describe(
      'creates a table in which the application keeps orders and payments that a user has begun, so that they outlive the session. It turns `awsAccess` on; existing servers need `existing.instanceRoleName`',
    ),
  loggedOutPercent: z
    .number()
    .min(1)
    .max(100)
    .default(50)
    .describe(
      "share of redirects, or of 4xx, in the servers' responses at which the alarm `redirects` or `refusals` fires: in two of four minutes",
    ),
});

export const DEFAULT_PAGE = reLoginPage.parse({});
