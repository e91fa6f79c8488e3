/** The shop's session store: a Valkey group with users of the shop's, one of which it created for deploys. */
export const REPLICATION_GROUP = 'foreign-sessions';
export const PARAMETER_GROUP_FAMILY = 'valkey8';
/** Signs in by IAM, may ask for INFO and PING, and reads no key. */
export const DEPLOY_USER = 'shop-deploy';
export const APPLICATION_USER = 'shop-application';
export const KEY_PREFIX = 'sess:';

const password = { 'Fn::Sub': '{{resolve:secretsmanager:$' + '{ApplicationSecret}:SecretString:password}}' };

export const sessionStore = (): object => ({
  ApplicationSecret: {
    Type: 'AWS::SecretsManager::Secret',
    Properties: {
      Name: 'shop/session-store',
      GenerateSecretString: {
        SecretStringTemplate: JSON.stringify({ username: APPLICATION_USER }),
        GenerateStringKey: 'password',
        // Named one by one: the emulator does not know ExcludePunctuation, and the shop's script quotes nothing.
        ExcludeCharacters: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
        PasswordLength: 32,
      },
    },
  },
  StoreSubnets: {
    Type: 'AWS::ElastiCache::SubnetGroup',
    Properties: {
      CacheSubnetGroupName: REPLICATION_GROUP,
      Description: 'Shop sessions',
      SubnetIds: [{ Ref: 'StoreSubnetA' }, { Ref: 'StoreSubnetB' }],
    },
  },
  StoreParameters: {
    Type: 'AWS::ElastiCache::ParameterGroup',
    Properties: {
      CacheParameterGroupFamily: PARAMETER_GROUP_FAMILY,
      Description: 'Shop sessions',
      Properties: { 'maxmemory-policy': 'volatile-ttl' },
    },
  },
  DefaultUser: user('shop-default', 'default', 'off -@all', { Type: 'password', Passwords: [password] }),
  ApplicationUser: user(
    APPLICATION_USER,
    APPLICATION_USER,
    `on ~${KEY_PREFIX}* resetchannels -@all +@read +@write +@connection +@transaction -@dangerous +info`,
    { Type: 'password', Passwords: [password] },
  ),
  DeployUser: user(DEPLOY_USER, DEPLOY_USER, 'on resetkeys resetchannels -@all +ping +info', { Type: 'iam' }),
  Users: {
    Type: 'AWS::ElastiCache::UserGroup',
    Properties: {
      Engine: 'valkey',
      UserGroupId: 'shop-users',
      UserIds: [{ Ref: 'DefaultUser' }, { Ref: 'ApplicationUser' }, { Ref: 'DeployUser' }],
    },
  },
  Sessions: {
    Type: 'AWS::ElastiCache::ReplicationGroup',
    Properties: {
      ReplicationGroupId: REPLICATION_GROUP,
      ReplicationGroupDescription: 'Shop sessions',
      Engine: 'valkey',
      EngineVersion: '8.0',
      CacheNodeType: 'cache.t4g.small',
      CacheParameterGroupName: { Ref: 'StoreParameters' },
      CacheSubnetGroupName: { Ref: 'StoreSubnets' },
      SecurityGroupIds: [{ 'Fn::GetAtt': ['StoreSecurityGroup', 'GroupId'] }],
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      Port: 6379,
      TransitEncryptionEnabled: true,
      AtRestEncryptionEnabled: true,
      UserGroupIds: [{ Ref: 'Users' }],
    },
  },
});

function user(UserId: string, UserName: string, AccessString: string, AuthenticationMode: object): object {
  return { Type: 'AWS::ElastiCache::User', Properties: { Engine: 'valkey', UserId, UserName, AccessString, AuthenticationMode } };
}
