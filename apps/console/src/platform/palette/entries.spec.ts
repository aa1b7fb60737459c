import type { Found, Section } from '../navigation/index.js';
import { entriesFor, foundEntries } from './entries.js';

const section = (title: string, labels: string[]): Section => ({
  title,
  order: 1,
  pages: [],
  navigation: labels.map((label) => ({ to: `/${title}/${label}`.toLowerCase(), label, key: label.slice(0, 1) })),
});
const sections = [section('Jobs', ['Jobs']), section('Trading', ['Imports', 'Trades']), section('Sheets', ['Imports'])];
const views = [{ name: 'Stuck imports', query: 'stuck:true kind:imports' }];
const labels = (text: string) => entriesFor(text, sections, views).map(({ label, detail }) => `${label} (${detail})`);

it('lists views and pages when nothing is typed', () => {
  expect(labels('')).toEqual([
    'Stuck imports (Saved view)',
    'Jobs (Page)',
    'Imports (Trading)',
    'Trades (Trading)',
    'Imports (Sheets)',
  ]);
});

it('finds by any word, what begins with it first, and offers to search', () => {
  expect(labels('imp')).toEqual([
    'Imports (Trading)',
    'Imports (Sheets)',
    'Stuck imports (Saved view)',
    'Search jobs: imp (Jobs)',
  ]);
  expect(labels('  sheets IMPORTS ')).toEqual(['Imports (Sheets)', 'Search jobs: sheets IMPORTS (Jobs)']);
  expect(entriesFor('stuck', sections, views)[0]).toMatchObject({
    to: '/jobs',
    search: { q: 'stuck:true kind:imports' },
  });
});

it('leads to what has an id, where a section shows such things', () => {
  const id = '01a20199-6858-7000-9946-26cf4641d25f';
  const shown: Section[] = [
    { ...section('Batches', []), places: { mesh_batch: (thing) => ({ to: `/batches/${thing.id}` }) } },
    {
      ...section('Accounts', []),
      places: { account: ({ user_id: user }) => ({ to: '/accounts', search: { user } }) },
    },
  ];
  const found: Found[] = [
    { type: 'mesh_batch', id, name: 'logos', state: 'running' },
    { type: 'workflow', id, name: 'nightly', state: null },
    { type: 'account', id, name: '', state: null, user_id: 'a&b' },
  ];
  expect(foundEntries(found, shown)).toEqual([
    { key: `mesh_batch ${id}`, label: 'Mesh batch logos', detail: 'running', to: `/batches/${id}` },
    {
      key: `account ${id}`,
      label: `Account ${id}`,
      detail: '…26cf4641d25f',
      to: '/accounts',
      search: { user: 'a&b' },
    },
  ]);
});
