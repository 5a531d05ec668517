// Verifies a Standard Webhooks signature with the official library. Arguments: secret, id, timestamp, signature; the body on stdin.
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';

const [secret, id, timestamp, signature] = process.argv.slice(2);
const body = readFileSync(0, 'utf8');
new Webhook(secret).verify(body, { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature });
console.log('valid');
