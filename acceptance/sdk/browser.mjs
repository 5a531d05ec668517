// Drives a headless Chromium whose page loads @segment/analytics-next, unmodified, from a server of its own (another origin than
// the collector's, as in real life). Prints one JSON line about what the page saw.
import { createServer } from 'node:http';
import { buildSync } from 'esbuild';
import { chromium } from 'playwright-core';

const [collector, writeKey, run, executablePath] = process.argv.slice(2);

// What a web site does: a bundle with the SDK from the registry in it.
const bundle = buildSync({
  stdin: {
    contents: `
      import { AnalyticsBrowser } from '@segment/analytics-next';
      const batching = location.pathname.startsWith('/batching');
      const strategy = { strategy: 'batching', config: { size: 50, timeout: 60000 } };
      window.analytics = AnalyticsBrowser.load(
        { writeKey: ${JSON.stringify(writeKey)}, cdnURL: ${JSON.stringify(collector)} },
        { integrations: { 'Segment.io': batching ? { protocol: 'http', deliveryStrategy: strategy } : { protocol: 'http' } } });
      window.analytics.ready(() => { window.ready = true; });`,
    resolveDir: import.meta.dirname,
  },
  bundle: true,
  write: false,
  format: 'iife',
}).outputFiles[0].contents;

const server = createServer((request, response) => {
  if (request.url === '/bundle.js') {
    response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(bundle);
  } else {
    response
      .writeHead(200, { 'Content-Type': 'text/html' })
      .end('<!doctype html><html><head><title>Shop</title><link rel="icon" href="data:,"></head><body><script src="/bundle.js"></script></body></html>');
  }
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath,
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const problems = [];
const preflights = [];
const visit = async (path) => {
  const tab = await browser.newPage();
  tab.on('pageerror', (error) => problems.push(String(error)));
  tab.on('requestfailed', (request) => problems.push(`${request.method()} ${request.url()} ${request.failure()?.errorText}`));
  tab.on('request', (request) => request.method() === 'OPTIONS' && preflights.push(request.url()));
  await tab.goto(`${origin}${path}`);
  await tab.waitForFunction(() => window.ready === true, undefined, { timeout: 20_000 });
  return tab;
};

const tab = await visit('/?utm_source=news&utm_campaign=spring');
const ids = await tab.evaluate(async (run) => {
  const a = window.analytics;
  await a.page('Shop', 'Home');
  await a.track('Product Viewed', { product_id: 'p1', price: 9.5 });
  await a.identify(`web-user-${run}`, { email: `web.${run}@example.org`, plan: 'free' });
  await a.track('Order Completed', { order_id: `w-${run}`, revenue: 30 });
  await a.screen('Cart');
  await a.group(`web-company-${run}`, { name: 'Example Ltd' });
  await a.alias(`web-user-2-${run}`);
  const user = await a.user();
  return { anonymousId: user.anonymousId(), userId: user.id() };
}, run);
await tab.close();

// The batching strategy holds events back; leaving the page must flush them.
const leaving = await visit('/batching');
const leavingId = await leaving.evaluate(async (run) => {
  const a = window.analytics;
  await a.reset();
  a.track('Left The Page', { run });
  a.track('Left The Page', { run });
  await new Promise((done) => setTimeout(done, 300));
  return (await a.user()).anonymousId();
}, run);
await leaving.goto('about:blank');
await leaving.waitForTimeout(1_000);
await browser.close();
server.close();
console.log(JSON.stringify({ ...ids, leavingId, problems, preflights: preflights.length }));
