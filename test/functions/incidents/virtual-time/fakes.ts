import type { FoundRule, PageTags } from '../../../../functions/incidents/mitigate/balancer-rules.ts';

/** The page's rules at the load balancer, and the calls with their minutes. */
export function fakePage(minuteNow: () => number) {
  const page = {
    rules: [] as FoundRule[],
    calls: [] as { readonly what: 'create' | 'delete'; readonly minute: number }[],
  };
  const rules = {
    listenersOf: async () => [{ listenerArn: 'listener', forwardsByDefault: true, rules: [...page.rules] }],
    listenerAt: async () => ({ listenerArn: 'listener', forwardsByDefault: true, rules: [...page.rules] }),
    async create(
      { priority, hosts, paths }: { priority: number; hosts: readonly string[]; paths: readonly string[] },
      _html: string,
      tags: PageTags,
    ) {
      page.calls.push({ what: 'create', minute: minuteNow() });
      if (page.rules.some((rule) => rule.priority === priority)) return false;
      page.rules.push({ ruleArn: `rule-${page.calls.length}`, priority, hosts: [hosts], paths: [paths], forwards: false, page: tags });
      return true;
    },
    async delete(ruleArn: string) {
      page.calls.push({ what: 'delete', minute: minuteNow() });
      page.rules = page.rules.filter((rule) => rule.ruleArn !== ruleArn);
    },
  };
  return { page, rules };
}

/** A store whose replica does not take over by itself. */
export function fakeStoreGroup() {
  const promoted: string[] = [];
  const roleOf = (node: string) => (node === (promoted.at(-1) ?? 'a') ? ('primary' as const) : ('replica' as const));
  return {
    ...{ id: 'holdfast-sessions', promoted },
    describe: async () => ({
      ...{ status: 'available', automaticFailover: false, shards: 1 },
      members: ['a', 'b'].map((node) => ({ node, role: roleOf(node) })),
    }),
    promote: async (node: string) => void promoted.push(node),
  };
}
