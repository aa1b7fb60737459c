import { describe, expect, test } from '@jest/globals';
import { loadConfig, processSchema } from '@roundhouse/service';
import { validate } from 'dockerfile-utils';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { brokerPassword } from './cli/broker-users.mjs';

const root = resolve(import.meta.dirname, '..');
const text = (path) => readFileSync(join(root, path), 'utf8');

/** NAME=value lines, as Compose reads a file given with --env-file. */
const envFile = (content) =>
  Object.fromEntries([...content.matchAll(/^([A-Z]\w*)=(.*)$/gm)].map(([, name, value]) => [name, value]));

/** Compose's interpolation as far as the file uses it: ${A}, ${A:-default}, ${A:?message}, $$. */
function interpolate(content, env) {
  const problems = [];
  const filled = content.replace(/\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g, (all, name, operator, rest) => {
    if (all === '$$') return '$';
    if (env[name]) return env[name];
    if (operator === '?') problems.push(name);
    return operator === '-' ? rest : '';
  });
  return { filled, problems };
}

/** Comments hold examples that are no part of the file. */
const composeText = text('docker-compose.yml').replace(/^\s*#.*$/gm, '');
const development = envFile(text('deploy/dev.env'));
const compose = parse(interpolate(composeText, development).filled, { merge: true });
const services = Object.entries(compose.services);
const apps = readdirSync(join(root, 'apps')).filter((app) => existsSync(join(root, 'apps', app, 'src/main.ts')));
const ours = services.filter(([name]) => apps.includes(name));
const imageEnvironment = Object.fromEntries(
  [...text('Dockerfile').matchAll(/^(?:ENV )?\s*(ROUNDHOUSE_\w+)=(\S+)/gm)].map(([, name, value]) => [name, value]),
);

describe('docker-compose.yml', () => {
  test('has a service for every app, and for what they need', () => {
    const names = services.map(([name]) => name);
    expect(names).toEqual(
      expect.arrayContaining([...apps, 'postgres', 'rabbitmq', 'jaeger', 'prometheus', 'grafana', 'migrate']),
    );
    for (const name of ['prometheus', 'grafana']) expect(compose.services[name].profiles).toEqual(['monitoring']);
    for (const [name, { profiles }] of services)
      if (!['prometheus', 'grafana'].includes(name)) expect([name, profiles]).toEqual([name, undefined]);
  });

  test.each(ours)('%s starts what the build makes, without rights that it does not need', (name, service) => {
    expect(service.command.at(-1)).toBe(`apps/${name}/dist/main.js`);
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      init: true,
    });
    expect(service.depends_on.migrate).toEqual({ condition: 'service_completed_successfully' });
    // Longer than the 25 s in which it ends its work.
    expect(Number.parseInt(service.stop_grace_period, 10)).toBeGreaterThan(25);
  });

  test.each(ours)('%s is a user of its own at the broker', (name, service) => {
    const { username, password } = new URL(service.environment.ROUNDHOUSE_AMQP_URL);
    expect([username, password]).toEqual([`roundhouse_${name}`, `development-${name}`]);
    expect(compose.services.migrate.environment[brokerPassword(name)]).toBe(password);
    const administrator = new URL(compose.services.migrate.environment.ROUNDHOUSE_AMQP_URL).password;
    expect(administrator).toBe(compose.services.rabbitmq.environment.RABBITMQ_DEFAULT_PASS);
    expect(Object.values(service.environment).join('\n')).not.toMatch(/\/\/roundhouse:/);
    // Of `up --docker`, which makes them up.
    expect(text('tools/cli/containers.mjs')).toMatch(new RegExp(`^const services = .*'${name}'`, 'm'));
  });

  test.each(ours.filter(([name]) => name !== 'gateway'))('%s can be scaled', (_, service) => {
    expect(service.container_name).toBeUndefined();
    expect(service.hostname).toBeUndefined();
    expect(service.ports).toBeUndefined();
  });

  test.each(ours)("%s gets a configuration that it takes, with the image's", async (name, service) => {
    const module = await import(`../apps/${name}/src/config.ts`);
    const schema = Object.values(module).find((value) => typeof value?.safeParse === 'function');
    // Compose fills in after parsing: what is empty is an empty text there.
    const given = Object.entries(service.environment).map(([key, value]) => [key, value ?? '']);
    const env = { ...imageEnvironment, ...Object.fromEntries(given) };
    expect(() => loadConfig(schema, env)).not.toThrow();
    expect(() => loadConfig(processSchema, env)).not.toThrow();
  });

  test('everything that runs has a health check, its own or the image’s', () => {
    const without = services
      .filter(([name, { healthcheck }]) => !apps.includes(name) && !healthcheck)
      .map(([name]) => name);
    // Jaeger's image has no program that could ask.
    expect(without).toEqual(['jaeger']);
    expect(text('Dockerfile')).toMatch(/^HEALTHCHECK /m);
  });

  test('no secret has a default, and none is missing in silence', () => {
    const secrets = [
      ...new Set([...composeText.matchAll(/\$\{(\w*(?:PASSWORD|KEY|TOKEN|SECRET)\w*)/g)].map(([, name]) => name)),
    ];
    expect(secrets.length).toBeGreaterThan(6);
    for (const name of secrets) {
      const defaults = [...composeText.matchAll(new RegExp(`\\$\\{${name}:-([^}]*)\\}`, 'g'))].map(
        ([, value]) => value,
      );
      expect([name, defaults.filter(Boolean)]).toEqual([name, []]);
    }
    const required = new Set(interpolate(composeText, {}).problems);
    // Without earlier keys there are none, diagnostics are off without the token, and Grafana does not start without its password.
    const isOptional = (name) => /^ROUNDHOUSE_(PREVIOUS_\w+_KEYS|\w+_DIAGNOSTICS_TOKEN)$|^GRAFANA_PASSWORD$/.test(name);
    expect(secrets.filter((name) => !required.has(name) && !isOptional(name))).toEqual([]);
    expect(compose.services.grafana.entrypoint.at(-1)).toContain('test -n "$GF_SECURITY_ADMIN_PASSWORD"');
  });

  test('every variable is in .env.example, or says which image to take', () => {
    const example = text('.env.example');
    const used = new Set([...composeText.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
    const unknown = [...used].filter(
      (name) => !new RegExp(`^#?${name}=`, 'm').test(example) && !/_IMAGE$|^OTEL_/.test(name),
    );
    expect(unknown).toEqual([]);
  });

  test('every service of ours reads further settings from a file that neither git nor the image takes in', () => {
    for (const [name, { env_file: files, logging }] of ours) {
      expect([name, files]).toEqual([name, [{ path: '.env.services', required: false }]]);
      expect([name, logging.options['max-size']]).toEqual([name, '20m']);
    }
    for (const ignored of ['.gitignore', '.dockerignore']) expect(text(ignored)).toMatch(/^\.env\.services$/m);
  });

  test('volumes, files and services that it names are there', () => {
    const named = new Set(Object.keys(compose.volumes));
    for (const [name, { volumes = [], depends_on: needs = {} }] of services) {
      for (const volume of volumes) {
        const [source] = volume.split(':');
        expect([name, source, source.startsWith('.') ? existsSync(join(root, source)) : named.has(source)]).toEqual([
          name,
          source,
          true,
        ]);
      }
      for (const need of Object.keys(needs)) expect(Object.keys(compose.services)).toContain(need);
    }
  });

  test('nothing is open to the network by itself, and no two ports are the same', () => {
    const ports = services.flatMap(([, { ports: list = [] }]) => list);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(new Set(ports.map((port) => port.split(':')[1])).size).toBe(ports.length);
  });

  test('Prometheus asks every app', () => {
    const { scrape_configs: jobs } = parse(text('deploy/prometheus/prometheus.yml'));
    const asked = jobs.flatMap(({ dns_sd_configs: dns = [] }) => dns.flatMap(({ names }) => names));
    expect(asked.sort()).toEqual([...apps].sort());
    // On the health port: metrics name all tenants, and no container's is published.
    const ports = new Set(jobs.flatMap(({ dns_sd_configs: dns = [] }) => dns.map(({ port }) => String(port))));
    expect([...ports]).toEqual([imageEnvironment.ROUNDHOUSE_HEALTH_PORT]);
    const published = ours.flatMap(([, { ports: list = [] }]) => list);
    expect(published.filter((port) => port.endsWith(`:${imageEnvironment.ROUNDHOUSE_HEALTH_PORT}`))).toEqual([]);
  });
});

describe('Dockerfile', () => {
  const dockerfile = text('Dockerfile');

  test('has nothing to complain of', () => {
    const complaints = validate(dockerfile, {
      deprecatedMaintainer: 2,
      directiveCasing: 1,
      instructionCasing: 1,
      instructionJSONInSingleQuotes: 1,
    });
    expect(complaints.map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
  });

  test('ends as somebody without rights, in stages, checked, stopped by SIGTERM', () => {
    const stages = dockerfile.split(/^FROM /m).slice(1);
    expect(stages.length).toBeGreaterThan(2);
    const last = stages.at(-1);
    expect([...last.matchAll(/^USER (\S+)/gm)].at(-1)[1]).toBe('node');
    expect(last).not.toMatch(/npm (ci|install)|apt-get|COPY \. /);
    expect(last).toMatch(/^STOPSIGNAL SIGTERM$/m);
    expect(last).toMatch(/^CMD \["node"/m);
  });

  test('keeps secrets, data and what is made elsewhere out of the context', () => {
    const ignored = text('.dockerignore').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.git', '.env', '.roundhouse', '**/node_modules', '**/dist']));
  });
});
