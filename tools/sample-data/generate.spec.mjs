import { execFileSync } from 'node:child_process';
import path from 'node:path';

it('the sample data is what the generator writes', () => {
  expect(() =>
    execFileSync(process.execPath, [path.resolve('tools/sample-data/generate.mjs'), '--check'], { stdio: 'pipe' }),
  ).not.toThrow();
});
