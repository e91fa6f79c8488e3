import type { RefreshRecord, RefreshRecords, ServersRecord } from '../../../functions/records/refresh-records.ts';

/** {@link RefreshRecords} in memory, held to the same conformance suite as the table. */
export function memoryRefreshRecords(): RefreshRecords {
  const refreshes = new Map<string, RefreshRecord>();
  const servers = new Map<string, ServersRecord>();
  return {
    async createRefresh(fleet, refresh) {
      if (refreshes.get(fleet)?.refreshId !== refresh.refreshId) refreshes.set(fleet, structuredClone(refresh));
    },
    getRefresh: async (fleet) => refreshes.get(fleet),
    async putServer(fleet, refreshId, instanceId, server) {
      const record = refreshes.get(fleet);
      if (record?.refreshId === refreshId) refreshes.set(fleet, { ...record, servers: { ...record.servers, [instanceId]: server } });
    },
    async endRefresh(fleet, refreshId, end) {
      const record = refreshes.get(fleet);
      if (record?.refreshId !== refreshId || record.status !== 'RUNNING') return false;
      refreshes.set(fleet, { ...record, ...end });
      return true;
    },
    getServers: async (fleet) => servers.get(fleet),
    async putServers(fleet, record) {
      servers.set(fleet, record);
    },
  };
}
