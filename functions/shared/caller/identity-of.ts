/**
 * Who decided, without the name of a person: an assumed role without its session's name, which is often an e-mail address. The
 * name of an IAM user stays, but for one that is an address. CloudTrail has the whole identity.
 */
export const identityOf = (arn: string): string =>
  arn.replace(/^(arn:aws[\w-]*:sts::\d{12}:assumed-role\/[^/]+)\/.*$/, '$1').replace(/\/[^/]*@[^/]*$/, '/(address)');
