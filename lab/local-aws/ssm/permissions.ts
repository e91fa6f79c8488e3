/** Which documents, instances and parameters a call of Systems Manager needs to be allowed on. */

import type { InstanceDirectory } from '../interfaces.ts';
import type { Permission, PermissionsOf } from '../service/service.ts';
import { nodeArn, type Place } from './node-arn.ts';
import { instancesOf } from './send-command.ts';

export interface PermissionContext extends Place {
  readonly instances: InstanceDirectory;
}

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html */
export function permissionsOf({ region, accountId, instances }: PermissionContext): PermissionsOf {
  // AWS's own documents belong to no account.
  const document = (name: string): Permission => ({
    resource: name.startsWith('arn:') ? name : `arn:aws:ssm:${region}:${name.startsWith('AWS-') ? '' : accountId}:document/${name}`,
  });
  // A version or label behind the name selects within the parameter, which is what policies name.
  const parameter = (reference: string): Permission => {
    const name = reference.replace(/^arn:[^/]*:parameter/, '').replace(/:[^:/]*$/, '');
    return { resource: `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, '')}` };
  };
  const instance = (id: string): Permission => {
    const tags = Object.entries(instances.get(id)?.tags ?? {}).map(([key, value]) => [`ssm:resourceTag/${key}`, value]);
    return { resource: nodeArn({ region, accountId }, id), context: Object.fromEntries(tags) };
  };

  return (operation, input) => {
    const name = input['Name'];
    if (operation === 'SendCommand') {
      // An instance that is gone has no tags to be judged by: the operation itself refuses it, as InvalidInstanceId.
      const present = instancesOf(input, instances).filter((id) => instances.get(id) !== undefined);
      return [document(String(input['DocumentName'] ?? '*')), ...present.map(instance)];
    }
    if (/Parameter/.test(operation)) return names(name, input['Names'], input['Path']).map(parameter);
    // Tags of a node are the only ones here, and deregistering names nothing but a node.
    const node = operation === 'DeregisterManagedInstance' ? input['InstanceId'] : input['ResourceId'];
    if (typeof node === 'string') return [instance(node)];
    if (/Document$/.test(operation) && typeof name === 'string') return [document(name)];
    return [{ resource: '*' }];
  };
}

const names = (...given: unknown[]): string[] => {
  const found = given.flat().filter((name) => typeof name === 'string');
  return found.length > 0 ? found : ['*'];
};
