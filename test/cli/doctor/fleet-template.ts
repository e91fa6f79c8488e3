/** What the template of a small fleet makes in the local cloud: groups, roles, a secret, a table. */
export const BUCKET = 'holdfast-releases-000000000000-us-east-1';
const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const read = (Resource: unknown, Action = 's3:GetObject') => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource }],
});
const role = (name: string, more: object) => ({
  Type: 'AWS::IAM::Role',
  Properties: { RoleName: name, AssumeRolePolicyDocument: TRUST, ...more },
});
const inline = (Resource: unknown, action?: string) => ({ Policies: [{ PolicyName: 'reads', PolicyDocument: read(Resource, action) }] });
const profile = (name: string) => ({
  Type: 'AWS::IAM::InstanceProfile',
  Properties: { InstanceProfileName: name, Roles: [{ Ref: name }] },
});
const rule = (port: number) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port });
export const RESOURCES = {
  Servers: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'servers' } },
  Store: {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: { GroupDescription: 'store', SecurityGroupIngress: [{ ...rule(22), CidrIp: '10.0.0.0/8' }] },
  },
  StoreFromServers: {
    Type: 'AWS::EC2::SecurityGroupIngress',
    Properties: {
      ...rule(6379),
      GroupId: { 'Fn::GetAtt': ['Store', 'GroupId'] },
      SourceSecurityGroupId: { 'Fn::GetAtt': ['Servers', 'GroupId'] },
    },
  },
  Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'shop/db', SecretString: 'x' } },
  exact: role('exact', inline({ Ref: 'Secret' }, 'secretsmanager:GetSecretValue')),
  complete: role('complete', {
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'],
    ...inline(`arn:aws:s3:::${BUCKET}/web/*`),
  }),
  bare: role('bare', inline('arn:aws:s3:::another/*')),
  CompleteProfile: profile('complete'),
  BareProfile: profile('bare'),
  Template: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        IamInstanceProfile: { Arn: { 'Fn::GetAtt': ['CompleteProfile', 'Arn'] } },
        SecurityGroupIds: [{ 'Fn::GetAtt': ['Servers', 'GroupId'] }],
      },
    },
  },
  Alarms: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'holdfast-alarms' } },
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'holdfast-records',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    },
  },
};
export const OUTPUTS = {
  Template: { Value: { Ref: 'Template' } },
  Servers: { Value: { Ref: 'Servers' } },
  Store: { Value: { 'Fn::GetAtt': ['Store', 'GroupId'] } },
};
