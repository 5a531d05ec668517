// Every call of @segment/analytics-node, unmodified, pointed at the host given. Prints one JSON line about what the SDK saw.
import { Analytics } from '@segment/analytics-node';

const [host, writeKey, run] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host, flushAt: 5, flushInterval: 500, maxRetries: 5 });
const errors = [];
analytics.on('error', (error) => errors.push(error.code ?? String(error)));

const userId = `node-user-${run}`;
const anonymousId = `node-device-${run}`;
analytics.page({ anonymousId, name: 'Home', category: 'Shop', properties: { path: '/' } });
analytics.identify({ userId, anonymousId, traits: { email: `node.${run}@example.org`, plan: 'gold', age: 33 } });
analytics.track({
  userId,
  event: 'Order Completed',
  properties: { order_id: `o-${run}`, revenue: 12.5, products: [{ sku: 'a', quantity: 2 }] },
  integrations: { All: false, Foo: { x: 1 } },
});
analytics.screen({ userId, name: 'Cart', properties: { items: 2 } });
analytics.group({ userId, groupId: `company-${run}`, traits: { name: 'Example Ltd', employees: 12 } });
analytics.group({ groupId: `company-${run}`, traits: { plan: 'business' }, anonymousId: `node-group-${run}` });
analytics.alias({ previousId: `node-old-${run}`, userId });
analytics.track({ anonymousId, event: 'Anonymous After', properties: {}, timestamp: new Date(Date.now() - 3600_000) });
await analytics.closeAndFlush({ timeout: 30_000 });
console.log(JSON.stringify({ errors, sent: 8 }));
