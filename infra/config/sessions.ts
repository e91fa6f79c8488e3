/** A fleet's place in the session store: whom it shares sessions with, its key prefix, its channels. */
import { z } from 'zod';
import { FLEET_PATTERN } from '../../functions/deploy/settings/settings.ts';
import { KEY_PREFIX, PREFIXED_FRAMEWORKS } from '../../functions/sweep/contract/settings.ts';
import { arn } from './aws-names.ts';
import { matching } from './values.ts';

/** In an access string, `*`, `?`, `[`, `]` and `\` would match keys of others. */
export const keyPrefix = matching(
  KEY_PREFIX,
  'must be 1 to 100 letters, digits, and characters of : _ . { } / @ # = -, since others are patterns in access strings, or end a word there',
).regex(
  /^[^{}]*(?:\{[^{}]+\}[^{}]*)*$/,
  'has a brace without its pair: in cluster mode the text in braces decides about the shard of a key, and would go on into the id. Write {app}: or leave the braces out',
);

export const storeUserName = matching(/^[A-Za-z0-9._-]{1,128}$/);

export const storeApplication = z.strictObject({
  userName: storeUserName.optional().meta({ description: "the servers' user in the store", unset: 'the password alone' }),
  secretArn: arn('secretsmanager', 'secret:').describe("secret of the servers' user: JSON with `password`"),
});

/** Sweeps recognise such keys only by their framework. */
export const FRAMEWORK_MEANING = `where \`keyPrefix\` replaces the framework's own prefix: ${PREFIXED_FRAMEWORKS.map((name) => `\`${name}\``).join(', ')}`;
export const framework = z.enum(PREFIXED_FRAMEWORKS);

/** Frameworks whose publish and subscribe channels are known. */
const CHANNEL_FRAMEWORKS = ['spring-session-indexed', 'redisson-tomcat'] as const;
/** What the servers' user can publish and subscribe to: a framework's channels, or patterns. Not every channel. */
const channels = z
  .array(
    z.union([
      z.enum(CHANNEL_FRAMEWORKS),
      matching(
        /^[A-Za-z0-9_@.-]*[A-Za-z0-9][A-Za-z0-9_@.-]*[:./][A-Za-z0-9_@.:/*?{}[\]-]*$/,
        `must be one of ${CHANNEL_FRAMEWORKS.join(', ')}, or a pattern that begins with a name and a separator, such as shop:events:*`,
      ),
    ]),
  )
  .max(20);

export const sessions = z.strictObject({
  group: matching(
    new RegExp(FLEET_PATTERN),
    'must be a name as that of a fleet: lower-case letters, digits and hyphens, 24 characters at most',
  )
    .optional()
    .describe('fleets with the same group share sessions: one user, secret and key prefix. Each of them must name it'),
  keyPrefix: keyPrefix.optional().meta({
    description:
      'begins every key of the application, which gets it as `SESSION_STORE_KEY_PREFIX`. Letters, digits and `:_.{}/@#=-`; braces in pairs',
    unset: '`sess:FLEET:` (`sess:GROUP:`); `store.existing.keyPrefix`',
  }),
  framework: framework.optional().describe(FRAMEWORK_MEANING),
  channels: channels.optional().meta({
    description: 'of a created store: what the application publishes and subscribes to, at most 20, see below',
    unset: '`[]`; with Redisson in an `app` of kind `tomcat`: `redisson-tomcat`',
  }),
  application: storeApplication
    .optional()
    .meta({ description: "user and secret of the fleet's servers in an existing store", unset: '`store.existing.application`' }),
});
export type SessionsConfig = z.output<typeof sessions>;
