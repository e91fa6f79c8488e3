/** A token of the form that the AWS SDKs sign, with a signature that nobody verifies. */
export function iamToken(options: {
  readonly groupId: string;
  readonly userName: string;
  readonly signedAtMs: number;
  readonly region?: string;
  readonly changes?: Readonly<Record<string, string>>;
}): string {
  const date = `${new Date(options.signedAtMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  const query = new URLSearchParams({
    Action: 'connect',
    User: options.userName,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `AKIAEXAMPLE/${date.slice(0, 8)}/${options.region ?? 'eu-west-1'}/elasticache/aws4_request`,
    'X-Amz-Date': date,
    'X-Amz-Expires': '900',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': 'a'.repeat(64),
    ...options.changes,
  });
  return `${options.groupId}/?${query}`;
}
