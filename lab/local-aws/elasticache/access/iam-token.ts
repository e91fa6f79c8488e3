import type { PresignedRequest } from '../../iam/signature.ts';

/** Checks the form and age of the token with which an IAM user logs in, but not its signature. Pure. */

/** ElastiCache takes a token for 15 minutes after it was signed. */
const MAX_AGE_SECONDS = 900;
/** Clocks may differ by as much as SigV4 allows. */
const MAX_CLOCK_SKEW_MS = 5 * 60_000;

export type IamTokenCheck =
  | { readonly valid: true; readonly request: PresignedRequest }
  /** `reason` names the part that is wrong and never quotes the token. */
  | { readonly valid: false; readonly reason: string };

/**
 * @param token a presigned `connect` request without its scheme: `<group id>/?Action=connect&User=…&X-Amz-…`
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
 */
export function checkIamToken(
  token: string,
  expected: { readonly replicationGroupId: string; readonly userName: string; readonly region: string; readonly nowMs: number },
): IamTokenCheck {
  const separator = token.indexOf('/?');
  if (separator < 0) return invalid('it is not a presigned request');
  const host = token.slice(0, separator);
  if (host !== expected.replicationGroupId.toLowerCase()) return invalid('it is signed for another cache');
  const query = new URLSearchParams(token.slice(separator + 2));

  if (query.get('Action') !== 'connect') return invalid('its action is not connect');
  if (query.get('User') !== expected.userName) return invalid('it is signed for another user');
  if (query.has('ResourceType')) return invalid('it is signed for a serverless cache');
  if (query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') return invalid('its algorithm is not AWS4-HMAC-SHA256');
  if (!query.get('X-Amz-SignedHeaders')?.split(';').includes('host')) return invalid('its host is not signed');
  if (!/^[0-9a-f]{64}$/.test(query.get('X-Amz-Signature') ?? '')) return invalid('its signature has the wrong form');

  const signedAt = query.get('X-Amz-Date') ?? '';
  const signedAtMs = parseAmzDate(signedAt);
  if (signedAtMs === undefined) return invalid('its date has the wrong form');
  const [accessKeyId, day, region, service, terminator] = (query.get('X-Amz-Credential') ?? '').split('/');
  if (!accessKeyId || service !== 'elasticache' || terminator !== 'aws4_request')
    return invalid('its credential scope is not of elasticache');
  if (day !== signedAt.slice(0, 8)) return invalid('its credential scope is of another day');
  if (region !== expected.region) return invalid('it is signed for another Region');

  const expiresSeconds = Number(query.get('X-Amz-Expires'));
  if (!(expiresSeconds > 0 && expiresSeconds <= MAX_AGE_SECONDS)) return invalid(`its lifetime is not within ${MAX_AGE_SECONDS} seconds`);
  if (signedAtMs > expected.nowMs + MAX_CLOCK_SKEW_MS) return invalid('it is signed in the future');
  if (expected.nowMs >= signedAtMs + expiresSeconds * 1000) return invalid('it has expired');
  return { valid: true, request: { host, url: token.slice(separator) } };
}

function invalid(reason: string): IamTokenCheck {
  return { valid: false, reason };
}

function parseAmzDate(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return undefined;
  const ms = Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
