import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from './markdown.mjs';
import { walls } from './walls.mjs';

/** The workspaces: path, name, and the tag that its wall is named by. */
export function packagesOf(root) {
  return ['libs', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).flatMap((name) => {
      const manifest = join(root, group, name, 'package.json');
      if (!existsSync(manifest)) return [];
      return [{ path: `${group}/${name}`, name, tag: JSON.parse(readFileSync(manifest, 'utf8')).nx.tags[0] }];
    }),
  );
}

/** The walls as a table: a row a wall, with the packages that stand behind it. */
export function drawWalls(root) {
  const packages = packagesOf(root);
  const named = (tag) => packages.filter((each) => each.tag === tag).map(({ name }) => name);
  const rows = walls.map(({ sourceTag, onlyDependOnLibsWithTags: tags, bannedExternalImports: banned = [] }) => [
    named(sourceTag).join(', '),
    tags.flatMap(named).join(', ') || 'nothing',
    banned.join(', '),
  ]);
  return markdownTable(['package', 'may import of ours', 'never'], rows);
}
