/** Explains errors of the AWS SDK to the user of a command. Pure. */
import { KNOWN_REGIONS } from '../functions/shared/aws/partition.ts';
import { didYouMean } from '../functions/shared/did-you-mean.ts';

/** Holdfast could not begin: the call reached no installation, or was refused. Nothing was changed. */
export interface Explained {
  readonly code: string;
  readonly message: string;
}

const NO_ANSWER = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'TimeoutError'],
  // The proxy answered, but refused to open a connection to AWS.
  'ERR_PROXY_TUNNEL',
];
/**
 * AWS knows no such credentials, they have expired, or they do not sign as theirs: each protocol has its own names, most with the status 403.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html AuthFailure
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html InvalidAccessKeyId, InvalidToken, RequestTimeTooSkewed
 */
const NOT_ACCEPTED = [
  'AuthFailure',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'InvalidToken',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
];
const NO_CREDENTIALS = ['CredentialsProviderError', ...NOT_ACCEPTED];
const DENIED = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'];
/** A table or bucket that every installation has. */
const NO_INSTALLATION = ['ResourceNotFoundException', 'NoSuchBucket'];

const SIGN_IN = 'Sign in, for example with "aws sso login", then try again.';

/** The SDK does not say why a profile has none: no such profile, or a credential_process that does not run. */
function noneFound(profile: string | undefined): string {
  if (profile === undefined) return 'No credentials for AWS were found. Nothing was called.';
  return `No credentials for AWS were found with AWS_PROFILE=${profile}. Nothing was called. "aws sts get-caller-identity --profile ${profile}" shows why: its name is wrong, or its credential_process does not run.`;
}

const NEEDS_MFA = /^Profile (\S+) requires multi-factor authentication/;

/** What answered in the place of AWS: each answer of AWS has an id, and none is a page of HTML. Undefined for AWS's own. */
export function foreignAnswer(error: Error): string | undefined {
  const { $metadata, $response } = error as Error & {
    readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
    readonly $response?: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: { readonly req?: { readonly host?: string } };
    };
  };
  if ($metadata?.requestId !== undefined || !$response?.headers?.['content-type']?.startsWith('text/html')) return undefined;
  return `${$response?.body?.req?.host ?? 'The address of AWS'} answered with the status ${$metadata?.httpStatusCode} and HTML, which is no answer of AWS`;
}

/** True where there are none at all: the SDK has the same name for some that it found and could not use. */
export const hasNoCredentials = (error: Error): boolean =>
  error.name === 'CredentialsProviderError' && /Could not load credentials from any providers/i.test(error.message);

/**
 * The message for a command that selected AWS and has no credentials for it. A Region that is not known is questioned first: behind a proxy
 * it is not known whether it has an address.
 */
export function noCredentialsIn(region: string, isLocalUp: boolean, profile?: string): string {
  const unknown = KNOWN_REGIONS.includes(region)
    ? ''
    : `This version of Holdfast does not know a Region ${region}.${didYouMean(region, KNOWN_REGIONS)} `;
  return `${unknown}${noneFound(profile)} ${isLocalUp ? 'Omit --region for the local cloud, which is up; for AWS, sign in, for example with "aws sso login".' : SIGN_IN}`;
}

/** An error of a client that knows which policy allows the call. */
export interface Refused extends Error {
  missingPolicy?: string;
}

/** True when AWS does not accept the credentials themselves: no policy helps, a sign-in does. */
export const isNotAccepted = (error: Error): boolean => NOT_ACCEPTED.includes(error.name);

/** True when the credentials do not allow the call. The reply to a HEAD request has no body, so S3 reports its status alone. */
export const isDenied = (error: Error): boolean =>
  !isNotAccepted(error) &&
  foreignAnswer(error) === undefined &&
  (DENIED.includes(error.name) || (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 403);

/** Undefined where no policy of the installation lets the caller read it: one of another version, or of a fleet without such a part. */
export async function ifAllowed<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && isDenied(error)) return undefined;
    throw error;
  }
}

/** True for an error that passes by itself: no answer, too many calls, or a failure of the service. */
export function isTransient(error: Error): boolean {
  const { $fault, $retryable } = error as Error & { readonly $fault?: string; readonly $retryable?: unknown };
  if ($fault === 'server' || $retryable !== undefined || /Throttl|TooManyRequests/.test(error.name)) return true;
  return [error.name, ...systemCodes(error)].some((reason) => NO_ANSWER.includes(reason));
}

/**
 * Undefined for an error that is not one of the SDK's usual ones.
 * @param hint what else to check when there is no answer: a sentence
 * @param profile in AWS_PROFILE
 */
export function explainAwsError(error: Error, hint?: string, profile?: string): Explained | undefined {
  const foreign = foreignAnswer(error);
  if (foreign)
    return {
      code: 'NoAnswer',
      message: `${foreign}. Ask who runs this network to let requests to it through, then try again.${hint === undefined ? '' : ` ${hint}`}`,
    };
  const reasons = [error.name, ...systemCodes(error)];
  const is = (names: readonly string[]) => reasons.find((reason) => names.includes(reason));
  const reason = (error.message.split('\n')[0]?.trim() || is(NO_ANSWER) || error.name).replace(/\.$/, '');
  if (is(NO_ANSWER))
    return {
      code: 'NoAnswer',
      message: `The cloud does not respond (${reason}). Check that it is running and reachable, then try again.${hint === undefined ? '' : ` ${hint}`}`,
    };
  if (hasNoCredentials(error)) return { code: 'NoCredentials', message: `${noneFound(profile)} ${SIGN_IN}` };
  const [, ofMfa] = NEEDS_MFA.exec(error.message) ?? [];
  if (ofMfa)
    return {
      code: 'NoCredentials',
      message: `Profile ${ofMfa} needs a code of its MFA device, and only the AWS CLI asks for it. Nothing was called. Run eval "$(aws configure export-credentials --profile ${ofMfa} --format env)" and unset AWS_PROFILE, then try again.`,
    };
  if (is(NO_CREDENTIALS)) {
    return {
      code: 'NoCredentials',
      message: `AWS does not accept the current credentials (${reason}). ${SIGN_IN}`,
    };
  }
  if (is(DENIED)) {
    const { missingPolicy } = error as Refused;
    const remedy =
      missingPolicy === undefined ? 'Use other credentials.' : `Attach the managed policy ${missingPolicy} to them, or use others.`;
    return { code: 'AccessDenied', message: `The current credentials do not allow this: ${reason}. ${remedy}` };
  }
  if (is(NO_INSTALLATION)) {
    return {
      code: 'NoInstallation',
      message: `The installation does not exist in this account and Region (${reason}). Choose another one with --installation or --region, or deploy it with "npx --no cdk deploy --all".`,
    };
  }
  return undefined;
}

/** `code` of the error and of the errors in it: when every address of a name refuses, Node throws an AggregateError without a message. */
function systemCodes(error: Error): string[] {
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return [error, ...inner].map((one) => (one as NodeJS.ErrnoException).code).filter((code) => typeof code === 'string');
}
