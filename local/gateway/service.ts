/**
 * What a service of the local cloud is to the gateway: the operations it answers, the CloudFormation resource types it
 * provides, and what it leaves out.
 */

/** Who called, and where. Taken from the request's signature. */
export interface CallContext {
  readonly region: string;
  readonly accountId: string;
  readonly accessKeyId: string;
  /** The ARN of the role's session or of root, when the gateway checks who calls. */
  readonly principalArn?: string;
}

/**
 * One API operation. The input is the request as the protocol's parser gives it: for the Query protocol every scalar is
 * a string and `X.member.N` is an array, so parse it (zod, coercing) before use. The reply is the plain output shape of
 * the AWS API; the gateway encodes it for the caller's protocol.
 *
 * @throws AwsError with AWS's own error code
 */
export type Operation = (input: Record<string, unknown>, context: CallContext) => object | undefined | Promise<object | undefined>;

/** A resource as CloudFormation asks for it; every intrinsic function is already resolved. */
export interface ResourceRequest {
  readonly type: string;
  readonly logicalId: string;
  readonly stackName: string;
  readonly properties: Record<string, unknown>;
}

/** What `Ref` gives (physicalId) and what `Fn::GetAtt` gives (attributes; nested ones with dotted names). */
export interface ProvidedResource {
  readonly physicalId: string;
  readonly attributes: Record<string, string | string[]>;
}

/** Creates, updates and deletes one CloudFormation resource type through the same code that answers the API. */
export interface ResourceProvider {
  create(request: ResourceRequest): Promise<ProvidedResource>;
  /** `previous` are the properties before the update. Returning another physical id means it was replaced. */
  update(request: ResourceRequest & { readonly physicalId: string; readonly previous: Record<string, unknown> }): Promise<ProvidedResource>;
  /** Deleting what is already gone succeeds. */
  delete(request: ResourceRequest & { readonly physicalId: string }): Promise<void>;
}

/** What a call needs to be allowed on: one resource, with the condition keys that AWS gives for it. */
export interface Permission {
  /** An ARN; `*` for an action that knows no narrower resource. */
  readonly resource: string;
  /** Condition keys by name: `ssm:resourceTag/NAME`. Global ones (`aws:…`) are not given here. */
  readonly context?: Readonly<Record<string, string>>;
}

/**
 * Every permission that a call needs, all of them, judged before its input is checked: a wrong input names what it can.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export type PermissionsOf = (operation: string, input: Readonly<Record<string, unknown>>) => readonly Permission[];

/** One AWS service that the local cloud provides itself. */
export interface LocalService {
  /** What the local page calls it. @default its signing names */
  readonly title?: string;
  /** The names under which requests are signed: `elasticloadbalancing`, `monitoring`, … */
  readonly signingNames: readonly string[];
  readonly protocol: Protocol;
  /** Prefix of its actions in policies. @default the first signing name */
  readonly iamPrefix?: string;
  /** @default every action on `*` */
  readonly permissions?: PermissionsOf;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly resourceTypes: Readonly<Record<string, ResourceProvider>>;
  /** What a user of the real service would miss here, one sentence each. Shown on the local page. */
  readonly notEmulated: readonly string[];
  /** Ends every process, timer and socket that the service began. Idempotent. */
  stop(): Promise<void>;
}

/** How a service's requests and replies are written on the wire. */
export type Protocol =
  | {
      readonly kind: 'query';
      readonly xmlNamespace: string;
      /** Element name of a list's items where it is not `member`, by the list's own name (ElastiCache). */
      readonly listItemNames?: Readonly<Record<string, string>>;
    }
  /** JSON 1.0 or 1.1; the operation is named by X-Amz-Target. CloudWatch clients also speak Query and RPC v2 CBOR: the gateway tells them apart. */
  | { readonly kind: 'json'; readonly version: '1.0' | '1.1'; readonly xmlNamespace?: string };

/** An error as AWS gives it: `code` is the API's error code, `status` the HTTP status. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
