/**
 * How a caller proves to a function who it is: Lambda does not pass the caller on. The caller signs a GetCallerIdentity
 * request whose signed headers have the statement's SHA-256; the function sends that request to STS, which answers with the
 * caller's ARN. The signature is of no use for anything else: another statement, action or service has another signature.
 */
import { createHash } from 'node:crypto';
import { domainOf } from '../aws/partition.ts';
import * as z from '../schema.ts';

/** Signature of an STS GetCallerIdentity request. It can be replayed for minutes, for the one statement that it is bound to. */
export const callerProof = z.strictObject({
  authorization: z.text(0, 1_024),
  /** X-Amz-Date: `YYYYMMDDTHHMMSSZ`. */
  date: z.matching(/^\d{8}T\d{6}Z$/),
  /** Only temporary credentials have one. */
  securityToken: z.optional(z.matching(/^[\x21-\x7e]{1,16384}$/)),
});
export type CallerProof = z.infer<typeof callerProof>;

export const STS_SERVICE = 'sts';
/** The whole request: nothing in it is the caller's. */
export const IDENTITY_BODY = 'Action=GetCallerIdentity&Version=2011-06-15';
const CONTENT_TYPE = 'application/x-www-form-urlencoded; charset=utf-8';

/** The header that binds the signature to one statement. */
export const STATEMENT_HEADER = 'x-holdfast-publish';

/** How long after signing a function accepts a proof, and how far the two clocks may differ. STS itself allows 15 minutes. */
export const PROOF_LIFE_MS = 5 * 60_000;

/** Headers of the request but for what the signature adds, by lower-case names. @param host of STS, with its port unless it is 443 */
export const identityHeaders = (host: string, statement: string): Record<string, string> => ({
  host,
  'content-type': CONTENT_TYPE,
  [STATEMENT_HEADER]: createHash('sha256').update(statement).digest('hex'),
});

/** STS of a Region. @param endpoint takes its place where one is configured: the local cloud */
export function stsUrl(region: string, endpoint: string | undefined): URL {
  if (endpoint !== undefined) return new URL('/', endpoint);
  return new URL(`https://sts.${region}.${domainOf(region)}/`);
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=\w{12,128}\/(\d{8})\/([a-z0-9-]{1,32})\/sts\/aws4_request, ?SignedHeaders=([a-z0-9;-]{1,256}), ?Signature=[0-9a-f]{64}$/;

/**
 * Why a proof is not even sent to STS; undefined when it can be. STS verifies what is signed, and not that anything but the
 * host is: a signature that does not cover the statement would fit every statement.
 */
export function proofFault({ authorization, date, securityToken }: CallerProof, region: string, nowMs: number): string | undefined {
  const [, day, signedRegion, signed = ''] = FORM.exec(authorization) ?? [];
  if (day === undefined) return 'it is not a signature of AWS Signature Version 4 for STS';
  if (signedRegion !== region) return `it is signed for ${signedRegion}, not ${region}`;
  const headers = signed.split(';');
  const required = ['host', 'x-amz-date', STATEMENT_HEADER, ...(securityToken === undefined ? [] : ['x-amz-security-token'])];
  const missing = required.filter((name) => !headers.includes(name));
  if (missing.length > 0) return `it does not sign the header ${missing.join(', ')}`;
  const [, year, month, dayOfMonth, hours, minutes, seconds] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const signedAtMs = Date.parse(`${year}-${month}-${dayOfMonth}T${hours}:${minutes}:${seconds}Z`);
  const fits = Math.abs(nowMs - signedAtMs) <= PROOF_LIFE_MS && date.startsWith(day);
  return fits ? undefined : `it was signed at ${date}, more than ${PROOF_LIFE_MS / 60_000} minutes from the function's clock`;
}
