/** What such a fleet costs without Holdfast, at list prices: load balancer, store, servers. Pure. */
import { ASSUMED, HOURS_PER_MONTH } from './assumptions.ts';
import { type CostLine, lineOf, type Quantity } from './cost-line.ts';
import type { ResourceCounts } from './count-resources.ts';
import { PRICES, type Price, serverPrice, storeNodePrice } from './price-list.ts';
import type { Fleet } from './read-fleet.ts';
import { sumOf } from './sum.ts';

/** Metrics that EC2 charges for with detailed monitoring. */
const DETAILED_METRICS = 7;

/** @param store counts of the store's own stack */
export function priceInfrastructure({ instances, loadBalancers, stores }: Fleet, servers: number, store: ResourceCounts): CostLine[] {
  const publicSubnets = sumOf(loadBalancers.filter((one) => one.public).map(({ subnets }) => subnets));
  const addresses = (instances.publicAddress ? servers : 0) + publicSubnets;
  const balancers = loadBalancers.length;
  const gigabytes = `${servers} servers × ${instances.volumeGigabytes} GB`;
  const metrics = instances.detailedMonitoring ? servers * DETAILED_METRICS : 0;
  const line = (item: string, price: Price, ...quantity: Quantity) => lineOf('infrastructure', item, quantity, price);
  return [
    line('load balancer', PRICES.loadBalancer, ...hours(balancers, 'load balancer')),
    line('load balancer capacity', PRICES.capacityUnit, ...hours(balancers * ASSUMED.capacityUnits, 'LCU'), 'grows with traffic'),
    ...stores.map(({ nodeType, engine, nodes }) =>
      pricedOrNot('store nodes', nodes, `hours of ${nodeType} (${engine})`, storeNodePrice(nodeType, engine)),
    ),
    line('store key', PRICES.key, store.keys),
    line('store secret', PRICES.secret, store.secrets),
    pricedOrNot('servers', servers, `hours of ${instances.type}`, serverPrice(instances.type)),
    line('server volumes', PRICES.volume, servers * instances.volumeGigabytes, gigabytes),
    line('public IPv4 addresses', PRICES.publicAddress, ...hours(addresses, 'address'), 'servers, and the load balancer in each zone'),
    line(
      'servers, detailed monitoring',
      PRICES.customMetric,
      metrics,
      `${servers} servers × ${DETAILED_METRICS}`,
      'enabled in the launch template; Holdfast does not read these metrics',
    ),
  ].filter(({ quantity }) => quantity > 0);
}

const hours = (count: number, what: string) => [count * HOURS_PER_MONTH, `${count} ${what} × ${HOURS_PER_MONTH} h`] as const;

/** A type that is not in the price list is shown without a price. */
function pricedOrNot(item: string, count: number, unit: string, price: Price | undefined): CostLine {
  const [quantity, arithmetic] = hours(count, item);
  if (price) return lineOf('infrastructure', item, [quantity, arithmetic], price);
  const unpriced = { item, category: 'infrastructure', quantity, unit, unitPrice: null, monthly: null } as const;
  return { ...unpriced, arithmetic: `${arithmetic}, ${unit}`, note: 'not in the price list, so not in the total' };
}
