/**
 * A shop as its owner had it before Holdfast: one CloudFormation template with network, load balancer, three kinds of
 * servers and a session store. Nothing of Holdfast's is in it, and nothing imports from it.
 */
import { loadBalancing } from './load-balancing.ts';
import { getAtt } from './names.ts';
import { network } from './network.ts';
import { servers } from './servers.ts';
import { sessionStore } from './session-store.ts';

export const foreignTemplate = () => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'The shop',
  Parameters: { ArtifactsBucket: { Type: 'String' } },
  Resources: { ...network(), ...sessionStore(), ...loadBalancing(), ...servers() },
  Outputs: {
    VpcId: output({ Ref: 'Vpc' }),
    WebSubnetA: output({ Ref: 'WebSubnetA' }),
    WebSubnetB: output({ Ref: 'WebSubnetB' }),
    StoreSubnetA: output({ Ref: 'StoreSubnetA' }),
    StoreSubnetB: output({ Ref: 'StoreSubnetB' }),
    LoadBalancerSecurityGroup: output(getAtt('LoadBalancerSecurityGroup', 'GroupId')),
    ServerSecurityGroup: output(getAtt('ServerSecurityGroup', 'GroupId')),
    StoreSecurityGroup: output(getAtt('StoreSecurityGroup', 'GroupId')),
    LoadBalancer: output({ Ref: 'LoadBalancer' }),
    OpenListener: output({ Ref: 'OpenListener' }),
    AsgTargets: output({ Ref: 'AsgTargets' }),
    PlainTargets: output({ Ref: 'PlainTargets' }),
    EdgeTargets: output({ Ref: 'EdgeTargets' }),
    Group: output({ Ref: 'Group' }),
    Instance1: output({ Ref: 'Instance1' }),
    Instance2: output({ Ref: 'Instance2' }),
    Instance3: output({ Ref: 'Instance3' }),
    InstanceRole: output({ Ref: 'InstanceRole' }),
    OnPremisesRole: output({ Ref: 'OnPremisesRole' }),
    StoreHost: output(getAtt('Sessions', 'PrimaryEndPoint.Address')),
    StorePort: output(getAtt('Sessions', 'PrimaryEndPoint.Port')),
    StoreParameters: output({ Ref: 'StoreParameters' }),
    ApplicationSecret: output(getAtt('ApplicationSecret', 'Id')),
  },
});

const output = (value: object): object => ({ Value: value });
