/** A table, its columns as wide as their widest cell: the form that Prettier gives it. */
export function markdownTable(head, rows) {
  const width = (column) => Math.max(...[head, ...rows].map((row) => row[column].length), 3);
  const line = (cells, fill = ' ') => `| ${cells.map((cell, i) => cell.padEnd(width(i), fill)).join(' | ')} |`;
  const rule = head.map(() => '');
  return [line(head), line(rule, '-'), ...rows.map((row) => line(row))].join('\n');
}

/** A page with the section of a name made anew: what stands between `<!-- name: … -->` and `<!-- /name -->`. */
export function withSection(page, name, content) {
  const [begin] = new RegExp(`<!-- ${name}: .*? -->`).exec(page) ?? [];
  const end = `<!-- /${name} -->`;
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (begin === undefined || to < from) throw new Error(`The page has no section from <!-- ${name}: … --> to ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${content}\n\n${page.slice(to)}`;
}
