/** A fleet's place in the session store: whom it shares sessions with, its key prefix, its channels. */
import { z } from 'zod';
import { FLEET_PATTERN } from '../../functions/deploy/settings/settings.ts';
import { KEY_PREFIX, PREFIXED_FRAMEWORKS } from '../../functions/sweep/contract/settings.ts';
import { arn } from './aws-names.ts';

/** In an access string, `*`, `?`, `[`, `]` and `\` would match keys of others. */
export const keyPrefix = z
  .string()
  .regex(
    KEY_PREFIX,
    'must be 1 to 100 letters, digits, and characters of : _ . { } / @ # = -, since others are patterns in access strings, or end a word there',
  )
  .regex(
    /^[^{}]*(?:\{[^{}]+\}[^{}]*)*$/,
    'has a brace without its pair: in cluster mode the text in braces decides about the shard of a key, and would go on into the id. Write {app}: or leave the braces out',
  );

export const storeUserName = z.string().regex(/^[A-Za-z0-9._-]{1,128}$/);

/** The servers' user and secret in an existing store. */
export const storeApplication = z.strictObject({ userName: storeUserName.optional(), secretArn: arn('secretsmanager', 'secret:') });

/** Where an application uses a prefix in place of this framework's own: sweeps then recognise its keys. */
export const framework = z.enum(PREFIXED_FRAMEWORKS);

/** Frameworks whose publish and subscribe channels are known. */
const CHANNEL_FRAMEWORKS = ['spring-session-indexed', 'redisson-tomcat'] as const;
/** What the servers' user can publish and subscribe to: a framework's channels, or patterns. Not every channel. */
const channels = z
  .array(
    z.union([
      z.enum(CHANNEL_FRAMEWORKS),
      z
        .string()
        .regex(
          /^[A-Za-z0-9_@.-]*[A-Za-z0-9][A-Za-z0-9_@.-]*[:./][A-Za-z0-9_@.:/*?{}[\]-]*$/,
          `must be one of ${CHANNEL_FRAMEWORKS.join(', ')}, or a pattern that begins with a name and a separator, such as shop:events:*`,
        ),
    ]),
  )
  .max(20);

export const sessions = z.strictObject({
  /** Fleets with the same group share user, secret, key prefix and so sessions. Absent: the fleet shares its sessions with no other. */
  group: z
    .string()
    .regex(new RegExp(FLEET_PATTERN), 'must be a name as that of a fleet: lower-case letters, digits and hyphens, 24 characters at most')
    .optional(),
  /** The keys of the fleet's application begin with this. @default `sess:NAME:`, with the name of the group or fleet; in an existing store, store.existing.keyPrefix */
  keyPrefix: keyPrefix.optional(),
  /** Where the application uses `keyPrefix` in place of this framework's own prefix: sweeps then recognise its keys. */
  framework: framework.optional(),
  /** Channels in a store that Holdfast creates. */
  channels: channels.optional(),
  /** The user in an existing store. @default store.existing.application */
  application: storeApplication.optional(),
});
export type SessionsConfig = z.output<typeof sessions>;
