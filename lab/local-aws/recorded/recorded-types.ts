/**
 * Resource types that only describe: nothing in the local cloud acts on them, so creating one records its properties.
 * Each line states what is therefore not tested here.
 */
import { randomBytes } from 'node:crypto';
import type { LocalService, ResourceProvider } from '../service/service.ts';

const RECORDED: Readonly<Record<string, { idPrefix: string; notEmulated: string }>> = {
  'AWS::EC2::VPCEndpoint': {
    idPrefix: 'vpce-',
    notEmulated: 'VPC endpoints route nothing: functions in the VPC reach every local service.',
  },
};

export function createRecordedTypes(): LocalService {
  const provider = (idPrefix: string): ResourceProvider => {
    const made = () => {
      const physicalId = `${idPrefix}${randomBytes(9).toString('hex').slice(0, 17)}`;
      return { physicalId, attributes: { Id: physicalId } };
    };
    return {
      create: async () => made(),
      update: async ({ physicalId }) => ({ physicalId, attributes: { Id: physicalId } }),
      delete: async () => {},
    };
  };
  return {
    title: 'recorded resource types',
    signingNames: [],
    protocol: { kind: 'json', version: '1.1' },
    operations: {},
    resourceTypes: Object.fromEntries(Object.entries(RECORDED).map(([type, { idPrefix }]) => [type, provider(idPrefix)])),
    notEmulated: [...new Set(Object.values(RECORDED).map(({ notEmulated }) => notEmulated))],
    stop: async () => {},
  };
}
