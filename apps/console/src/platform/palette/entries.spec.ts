import type { Section } from '../navigation/section.js';
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

it('leads to what has an id', () => {
  const id = '01a20199-6858-7000-9946-26cf4641d25f';
  expect(foundEntries([{ type: 'workflow', id, name: 'nightly', state: null }])).toMatchObject([
    { label: 'Workflow nightly', to: `/workflows/${id}` },
  ]);
  const account = { type: 'account', id, name: 'paper', state: null, user_id: 'a&b' } as const;
  expect(foundEntries([{ type: 'mesh_batch', id, name: 'logos', state: 'running' }, account])).toMatchObject([
    { label: 'Mesh batch logos', detail: 'running', to: `/mesh-batches/${id}` },
    { label: 'Account paper', to: '/trading/accounts', search: { user: 'a&b' } },
  ]);
});
