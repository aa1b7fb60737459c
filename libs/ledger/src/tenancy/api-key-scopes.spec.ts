import { allows } from './api-key-scopes.js';

describe('scopes', () => {
  it('allow what they name, admin everything', () => {
    expect(allows(['jobs:write'], 'jobs:write')).toBe(true);
    expect(allows(['jobs:write'], 'jobs:read')).toBe(false);
    expect(allows(['admin'], 'dead:redrive')).toBe(true);
    expect(allows([], 'jobs:view')).toBe(false);
  });

  it('let who reads jobs view them, and not the other way round', () => {
    expect(allows(['jobs:read'], 'jobs:view')).toBe(true);
    expect(allows(['jobs:view'], 'jobs:read')).toBe(false);
    expect(allows(['jobs:view'], 'payloads:read')).toBe(false);
  });

  it('let who may reveal payloads read logs, and nobody who only views', () => {
    expect(allows(['payloads:read'], 'logs:read')).toBe(true);
    expect(allows(['jobs:read'], 'logs:read')).toBe(true);
    expect(allows(['logs:read'], 'payloads:read')).toBe(false);
    expect(allows(['jobs:view'], 'logs:read')).toBe(false);
  });
});
