const TRIES = 3;
const TIMEOUT_MS = 10_000;

/**
 * PUTs a custom resource's answer. The URL is signed without a content type, so none is sent.
 * @throws Error with the status of the last try, never with the URL, which is a secret
 */
export async function answerCloudFormation(url: string, body: object): Promise<void> {
  const text = JSON.stringify(body);
  let reason = '';
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      const reply = await fetch(url, {
        method: 'PUT',
        body: text,
        headers: { 'content-type': '' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (reply.ok) return;
      reason = `it answered ${reply.status}`;
    } catch (error) {
      reason = (error as Error).name;
    }
  }
  throw new Error(`CloudFormation did not take the answer in ${TRIES} tries: ${reason}`);
}
