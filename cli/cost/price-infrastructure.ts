/** What such a fleet costs without Holdfast, at list prices: load balancer, store, servers. Pure. */
import { ASSUMED, HOURS_PER_MONTH } from './assumptions.ts';
import type { ResourceCounts } from './count-resources.ts';
import { PRICES, type Price, serverPrice, storeNodePrice } from './price-list.ts';
import { type CostLine, lineOf } from './price-usage.ts';
import type { Fleet } from './read-fleet.ts';

/** Metrics that EC2 charges for with detailed monitoring. */
const DETAILED_METRICS = 7;

/** @param store counts of the store's own stack */
export function priceInfrastructure({ instances, loadBalancers, stores }: Fleet, servers: number, store: ResourceCounts): CostLine[] {
  const addresses =
    (instances.publicAddress ? servers : 0) + loadBalancers.filter((one) => one.public).reduce((sum, { subnets }) => sum + subnets, 0);
  const balancers = loadBalancers.length;
  const lines = [
    lineOf('infrastructure', 'load balancer', hours(balancers, 'load balancer'), PRICES.loadBalancer),
    lineOf(
      'infrastructure',
      'load balancer capacity',
      hours(balancers * ASSUMED.capacityUnits, 'LCU'),
      PRICES.capacityUnit,
      'grows with traffic',
    ),
    ...stores.map(({ nodeType, engine, nodes }) =>
      pricedOrNot('store nodes', nodes, `hours of ${nodeType} (${engine})`, storeNodePrice(nodeType, engine)),
    ),
    lineOf('infrastructure', 'store key', { value: store.keys, arithmetic: '' }, PRICES.key),
    lineOf('infrastructure', 'store secret', { value: store.secrets, arithmetic: '' }, PRICES.secret),
    pricedOrNot('servers', servers, `hours of ${instances.type}`, serverPrice(instances.type)),
    lineOf(
      'infrastructure',
      'server volumes',
      { value: servers * instances.volumeGigabytes, arithmetic: `${servers} servers × ${instances.volumeGigabytes} GB` },
      PRICES.volume,
    ),
    lineOf(
      'infrastructure',
      'public IPv4 addresses',
      hours(addresses, 'address'),
      PRICES.publicAddress,
      'servers, and the load balancer in each zone',
    ),
    lineOf(
      'infrastructure',
      'servers, detailed monitoring',
      {
        value: instances.detailedMonitoring ? servers * DETAILED_METRICS : 0,
        arithmetic: `${servers} servers × ${DETAILED_METRICS}`,
      },
      PRICES.customMetric,
      'enabled in the launch template; Holdfast does not read these metrics',
    ),
  ];
  return lines.filter(({ quantity }) => quantity > 0);
}

const hours = (count: number, what: string) => ({ value: count * HOURS_PER_MONTH, arithmetic: `${count} ${what} × ${HOURS_PER_MONTH} h` });

/** A type that is not in the price list is shown without a price. */
function pricedOrNot(item: string, count: number, unit: string, price: Price | undefined): CostLine {
  const quantity = hours(count, item);
  if (price) return lineOf('infrastructure', item, quantity, price);
  return {
    item,
    category: 'infrastructure',
    quantity: quantity.value,
    unit,
    unitPrice: null,
    monthly: null,
    arithmetic: `${quantity.arithmetic}, ${unit}`,
    note: 'not in the price list, so not in the total',
  };
}
