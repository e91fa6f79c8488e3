import type { Pause } from '../poll.ts';
import { isAwsError } from './classify-aws-error.ts';

/** CloudFormation's request to a custom resource. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-requests.html */
export interface CustomResourceRequest<Properties> {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  /** Signed URL for the response, and therefore a secret. */
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Properties;
}

const MAX_ATTEMPTS = 3;
const TIMEOUT_MS = 10_000;

/**
 * PUTs a custom resource's response. The URL is signed without a content type, so none is sent.
 * @throws Error with the status of the last attempt, never with the URL, which is a secret
 */
export async function answerCloudFormation(url: string, body: object): Promise<void> {
  const text = JSON.stringify(body);
  let reason = '';
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    try {
      const reply = await fetch(url, {
        method: 'PUT',
        body: text,
        headers: { 'content-type': '' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (reply.ok) return;
      reason = `status ${reply.status}`;
    } catch (error) {
      reason = (error as Error).name;
    }
  }
  throw new Error(`CloudFormation did not accept the response in ${MAX_ATTEMPTS} attempts: ${reason}`);
}

/**
 * 1 + 2 + 4 + 8 + 16 = 31 s: CloudFormation calls a function right after it has created or changed its policy, and IAM takes some
 * seconds until the policy holds everywhere.
 * @see https://github.com/aws/aws-cdk/issues/37675
 */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000];

/** Repeats `act` while IAM denies it. It has to be harmless to repeat. @throws the last denial; any other error at once */
export async function onceAllowed(act: () => Promise<void>, pause: Pause): Promise<void> {
  for (const ms of PAUSES_MS) {
    try {
      return await act();
    } catch (error) {
      if (!isAwsError(error, 'AccessDenied', 'AccessDeniedException')) throw error;
      await pause(ms);
    }
  }
  return act();
}
