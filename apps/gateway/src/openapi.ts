import { gatewayControllers } from './app.module.js';
import { gateway } from './gateway.js';
import { OpenApi } from './platform/openapi/index.js';

/** `openapi`: prints the document that a running gateway answers at /openapi.json. Needs neither database nor broker. */
process.stdout.write(`${JSON.stringify(new OpenApi(gatewayControllers, gateway.version).document(), null, 2)}\n`);
