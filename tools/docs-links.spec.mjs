import { expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const skipped = /^(node_modules|dist|coverage|generated)$|^\.(?!github$)/;

function pages(folder = root) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.test(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pages(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Fenced blocks and code spans hold brackets that are no links. */
const prose = (markdown) =>
  markdown.replace(/^( *)(```|~~~)[\s\S]*?^\1\2\s*$/gm, '').replace(/(`+)[^`][\s\S]*?\1/g, '`code`');

const linkPattern = /\[(?:[^\][]|\[[^\]]*\])*\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g;
const linksOf = (markdown) => [...prose(markdown).matchAll(linkPattern)].map(([, target]) => target);

/** The anchors that the usual renderers give to headings. */
function anchors(file) {
  const seen = new Map();
  const headings = readFileSync(file, 'utf8')
    .replace(/^( *)(```|~~~)[\s\S]*?^\1\2\s*$/gm, '')
    .matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm);
  return [...headings].map(([, text]) => {
    const plain = text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
    const slug = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

/** What is wrong with a link, or undefined. */
function fault(page, target) {
  if (/^(https?|mailto):/.test(target)) return undefined;
  if (target.startsWith('/')) return 'is absolute: it works nowhere but on one machine';
  const [path, anchor] = decodeURIComponent(target).split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (relative(root, file).startsWith('..')) return 'leads out of the project';
  if (!existsSync(file)) return 'leads nowhere';
  if (anchor === undefined || !file.endsWith('.md') || !statSync(file).isFile()) return undefined;
  return anchors(file).includes(anchor) ? undefined : `there is no heading #${anchor}`;
}

const all = pages();

test('there are pages to check', () => {
  expect(all.map((page) => relative(root, page))).toEqual(
    expect.arrayContaining(['README.md', 'docs/architecture.md']),
  );
});

test.each(all.map((page) => [relative(root, page), page]))('every relative link of %s leads somewhere', (_, page) => {
  const wrong = linksOf(readFileSync(page, 'utf8')).flatMap((target) => {
    const what = fault(page, target);
    return what ? [`${target} ${what}`] : [];
  });
  expect(wrong).toEqual([]);
});

test('finds links and leaves code alone', () => {
  const markdown = 'see [a](b.md), [`c`](d/e.ts#f) and `[no](link)`\n\n```md\n[not](this)\n```\n![i](j.png "title")';
  expect(linksOf(markdown)).toEqual(['b.md', 'd/e.ts#f', 'j.png']);
});
