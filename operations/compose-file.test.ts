// docker-compose.yml starts as it stands, tells every process what it needs, and gives none more than that.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { environmentNames, readConfig, serviceNames } from '../platform/config.ts';
import { serviceGroups } from './cluster/topology.ts';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly restart?: string;
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

const text = readFileSync('docker-compose.yml', 'utf8');
const file = parse(text, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
};
const services = Object.entries(file.services);
const own = services.filter(([, { image }]) => image === 'caregraph');
const others = services.filter(([, { image }]) => image !== 'caregraph');
const groups = Object.entries(serviceGroups);
const operations = readFileSync('docs/operations.md', 'utf8');

/** As Docker fills in what the environment does not set. */
const filled = (value: string | number) =>
  String(value)
    .replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
    .replaceAll('$$', '$');
const environmentOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(file.services[name]?.environment ?? {}).map(([variable, value]) => [variable, filled(value)]),
  );

test('every variable that it takes from outside has a value unless told', () => {
  const taken = text.match(/\$\{[^}]*\}/g)?.filter((variable) => !text.includes(`$${variable}`)) ?? [];
  expect(taken.length).toBeGreaterThan(10);
  expect(taken.filter((variable) => !/^\$\{[A-Z0-9_]+:-[^}]*\}$/.test(variable))).toEqual([]);
});

describe.each(own)('%s', (name, service) => {
  /** Of the commands in it. */
  const ofCommands = name === 'tools' ? ['BACKUP_PASSPHRASE', 'PROBE_EMAIL', 'PROBE_PASSWORD'] : [];

  test('sets what the program knows, to values that it takes', () => {
    const environment = environmentOf(name);
    const unknown = Object.keys(environment).filter((key) => ![...environmentNames, ...ofCommands].includes(key));
    expect(unknown).toEqual([]);
    expect(() => readConfig(environment)).not.toThrow();
  });

  test('has no more rights than it needs', () => {
    expect(service).toMatchObject({
      read_only: true,
      tmpfs: ['/tmp', '/data'],
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service.ports).toBeUndefined();
  });
});

test('all services run, grouped as in `npm run cluster`', () => {
  for (const [name, members] of groups) expect(environmentOf(name).SUBGRAPHS).toBe(members.join(','));
  expect(groups.flatMap(([, members]) => members).toSorted()).toEqual([...serviceNames].toSorted());
});

test('every process knows where each service is', () => {
  for (const name of ['gateway-1', 'gateway-2', ...groups.map(([group]) => group)]) {
    const urls = Object.fromEntries(readConfig(environmentOf(name)).subgraphUrls);
    const expected = groups.flatMap(([group, members]) =>
      members.map((member) => [member, `http://${group}:${environmentOf(group).PORT}`] as const),
    );
    expect(urls).toEqual(Object.fromEntries(expected));
  }
});

test('every process has what docs/operations.md says that it needs', () => {
  const rows = operations.match(/^\| `[A-Z][^\n]*/gm) ?? [];
  const needs = rows.map((row) => {
    const [variables = '', gateway = '', service = ''] = row.split('|').slice(1);
    // Instead of a store of objects, a volume would do.
    const named = variables.replace('S3_*', 'S3_BUCKET').replace(', or a volume at `DATA_DIR`', '');
    return {
      variables: [...named.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, found]) => found ?? ''),
      gateway,
      service,
    };
  });
  const needed = needs.filter(({ variables }) => variables.length > 0);
  expect(needed.map(({ variables }) => variables[0])).toEqual(
    expect.arrayContaining(['SERVICE_SECRET', 'DATABASE_URL']),
  );
  for (const { variables, gateway, service } of needed) {
    const without = (names: readonly string[]) =>
      names.filter((name) => !variables.every((variable) => variable in environmentOf(name)));
    if (!gateway.includes('no')) expect(without(['gateway-1', 'gateway-2'])).toEqual([]);
    const place = /where `(\w+)` runs/.exec(service)?.[1];
    const processes = groups.filter(
      ([, members]) => place === undefined || (members as readonly string[]).includes(place),
    );
    // What may be left out, an operator adds.
    if (!/^(PASSKEY|.*_SECONDS)/.test(variables[0] ?? '')) expect(without(processes.map(([name]) => name))).toEqual([]);
  }
});

test('every image is of one version, and ours is built here', () => {
  for (const [, { image }] of others) expect(image).toMatch(/^[\w./-]+:[\w.-]*\d+[.-]\d+[\w.-]*$/);
  for (const [, { build }] of own) expect(build).toBe('.');
  const stages = readFileSync('Dockerfile', 'utf8').match(/^FROM \S+/gm) ?? [];
  for (const stage of stages) expect(stage).toMatch(/:\d+-\w+/);
});

test('whatever goes on running is looked at, comes back when it dies, and can gain no rights', () => {
  const running = services.filter(([name]) => !['bucket', 'tools'].includes(name));
  for (const [name, { healthcheck, restart, security_opt }] of running) {
    expect([name, healthcheck?.test?.length ?? 0]).not.toEqual([name, 0]);
    expect([name, restart, security_opt]).toEqual([name, 'unless-stopped', ['no-new-privileges:true']]);
  }
});

test('who is waited for is there, and says when it is ready', () => {
  for (const [, { depends_on = {} }] of services) {
    for (const [other, { condition }] of Object.entries(depends_on)) {
      expect(file.services[other]).toBeDefined();
      const isOnce = file.services[other]?.restart === 'on-failure';
      expect(condition).toBe(isOnce ? 'service_completed_successfully' : 'service_healthy');
    }
  }
});

test('ports are open on this machine alone: the API, and the mail that was caught', () => {
  const ports = services.flatMap(([name, service]) => (service.ports ?? []).map((port) => [name, port]));
  expect(ports).toEqual([
    ['balancer', '127.0.0.1:4000:4000'],
    ['mail', '127.0.0.1:8025:8025'],
  ]);
});

test('volumes that are mounted are declared, and those declared are mounted', () => {
  const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
  const named = mounted.filter((volume) => !volume.startsWith('.'));
  expect([...new Set(named)].toSorted()).toEqual(Object.keys(file.volumes).toSorted());
});

test('what the commands in it run is there', () => {
  const scripts = own.flatMap(([, { command = [] }]) => command.filter((part) => part.startsWith('dist/')));
  expect(scripts.length).toBeGreaterThan(3);
  for (const script of scripts) {
    expect(readFileSync(script.replace(/^dist\//, '').replace(/js$/, 'ts'), 'utf8')).not.toBe('');
  }
});

test('the load balancer knows both gateways, asks whether they are ready, and sends again only what did not go out', () => {
  const proxy = readFileSync('operations/haproxy.cfg', 'utf8');
  for (const gateway of ['gateway-1', 'gateway-2']) expect(proxy).toContain(`server ${gateway} ${gateway}:4000`);
  expect(proxy).toContain('option httpchk GET /readyz');
  expect(proxy.match(/^ *retry-on .*/gm)).toEqual(['  retry-on conn-failure']);
});
