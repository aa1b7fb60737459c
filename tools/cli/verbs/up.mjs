import { startContainers } from '../containers.mjs';
import { print, printJson } from '../output.mjs';
import { startPlatform } from '../platform.mjs';

/** `up`: everything, until `down`. */
export async function up({ options, progress }) {
  const { url, keyFile, services } = options.docker ? await startContainers(progress) : await startPlatform(progress);
  const facts = {
    url,
    api_key_file: keyFile,
    services: Object.fromEntries(Object.entries(services).map(([name, record]) => [name, describe(record)])),
  };
  if (options.json) return printJson(facts);
  print(`Roundhouse is up: ${url}`);
  print(`API key: "api_key" in ${keyFile}`);
  print('Stop it with ./roundhouse down; ./roundhouse status shows what runs.');
  return undefined;
}

function describe({ pid, http_port: httpPort, health_port: healthPort }) {
  return { pid, port: httpPort ?? healthPort, health_port: healthPort };
}
