import type { Found } from './platform/navigation/index.js';
import * as platform from './platform/pages/index.js';
import * as workloads from './workloads/index.js';

const sections = [...Object.values(platform), ...Object.values(workloads)];
// Every type that the gateway finds: the compiler misses a new one here.
const types: Record<Found['type'], true> = {
  job: true,
  batch: true,
  workflow: true,
  schedule: true,
  redrive: true,
  failure: true,
  mesh: true,
  mesh_batch: true,
  sheet_import: true,
  sheet_export: true,
  sheet_template: true,
  trade_import: true,
  account: true,
};
const id = '01a20199-6858-7000-9946-26cf4641d25f';
/** Of a path with parameters, the pages that show it. */
const pagesOf = (to: string) =>
  sections.flatMap(({ pages }) => pages).filter(({ path }) => path.replace(/\$\w+/, id) === to);

it.each(Object.keys(types) as Found['type'][])(
  'shows a %s on a page that there is, and in one section only',
  (type) => {
    const places = sections.flatMap((section) => section.places?.[type] ?? []);
    expect(places).toHaveLength(1);
    const place = places[0]?.({ type, id, name: '', state: null, user_id: 'somebody' });
    expect(pagesOf(place?.to ?? '')).toHaveLength(1);
  },
);

it('gives every page one path and every shortcut one page', () => {
  const paths = sections.flatMap(({ pages }) => pages.map(({ path }) => path));
  const keys = sections.flatMap(({ navigation }) => navigation.flatMap(({ key }) => key ?? []));
  expect(paths).toEqual([...new Set(paths)]);
  expect(keys).toEqual([...new Set(keys)]);
});

it('leads from the navigation to pages that there are', () => {
  const paths = sections.flatMap(({ pages }) => pages.map(({ path }) => path));
  for (const { to } of sections.flatMap(({ navigation }) => navigation)) expect(paths).toContain(to);
});
