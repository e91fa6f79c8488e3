/** What errors of the SDK mean to whoever typed the command. Pure. */

export interface Explained {
  readonly code: string;
  readonly message: string;
  /** Nothing was reached that could have done anything. */
  readonly noCloud: boolean;
}

const NO_ANSWER = ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'TimeoutError'];
const NO_CREDENTIALS = [
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
];
const DENIED = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'];
/** A table or bucket that every installation has. */
const NO_INSTALLATION = ['ResourceNotFoundException', 'NoSuchBucket'];

/** An error of a client that knows which policy allows what it was asked. */
export interface Refused extends Error {
  missingPolicy?: string;
}

/** True when the credentials in use may not make the call. HEAD requests have no body, so S3's answer is its status alone. */
export const isDenied = (error: Error): boolean =>
  DENIED.includes(error.name) || (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 403;

/** Undefined for an error that is not one of the SDK's usual ones. */
export function explainAwsError(error: Error): Explained | undefined {
  const reasons = [error.name, ...systemCodes(error)];
  const is = (names: readonly string[]) => reasons.find((reason) => names.includes(reason));
  const said = error.message.split('\n')[0]?.trim() || is(NO_ANSWER) || error.name;
  if (is(NO_ANSWER))
    return {
      code: 'NoAnswer',
      message: `the cloud does not answer (${said}): look whether it is up and reachable, and try again`,
      noCloud: true,
    };
  if (is(NO_CREDENTIALS)) {
    return {
      code: 'NoCredentials',
      message: `AWS does not accept the credentials in use (${said}): sign in, for example with "aws sso login", and try again`,
      noCloud: true,
    };
  }
  if (is(DENIED)) {
    const { missingPolicy } = error as Refused;
    const remedy = missingPolicy === undefined ? '' : `; attach the managed policy ${missingPolicy} to them, or use others`;
    return { code: 'AccessDenied', message: `the credentials in use may not do this: ${said}${remedy}`, noCloud: false };
  }
  if (is(NO_INSTALLATION)) {
    return {
      code: 'NoInstallation',
      message: `the installation is not in this account and Region (${said}): name another one with --installation or --region, or deploy it with "npx cdk deploy --all"`,
      noCloud: true,
    };
  }
  return undefined;
}

/** `code` of the error itself, and of what it gathers: two refused addresses of one name are an AggregateError without a message. */
function systemCodes(error: Error): string[] {
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return [error, ...inner].map((one) => (one as NodeJS.ErrnoException).code).filter((code) => typeof code === 'string');
}
