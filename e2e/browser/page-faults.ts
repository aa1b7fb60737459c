import type { Page } from 'playwright-core';

declare global {
  interface Window {
    policyViolations?: string[];
  }
}

/** What no page may do: errors in its console, requests to others, anything that its own policy refuses. */
export class PageFaults {
  readonly errors: string[] = [];
  readonly foreignRequests: string[] = [];
  private readonly accepted: RegExp[] = [];

  constructor(private readonly page: Page) {}

  /** The test makes this happen, e.g. a gateway that is away. */
  accept(pattern: RegExp): void {
    this.accepted.push(pattern);
  }

  async all(): Promise<string[]> {
    const violations = await this.page.evaluate(() => window.policyViolations ?? []);
    const errors = this.errors.filter((text) => !this.accepted.some((pattern) => pattern.test(text)));
    return [...errors, ...this.foreignRequests.map((url) => `request to ${url}`), ...violations];
  }

  async expectNone(): Promise<void> {
    expect(await this.all()).toEqual([]);
  }
}

export async function watchPage(page: Page, origin: string): Promise<PageFaults> {
  const faults = new PageFaults(page);
  page.on('console', (message) => {
    const isError = message.type() === 'error' || message.type() === 'warning';
    if (isError) faults.errors.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => faults.errors.push(`uncaught: ${error.stack ?? error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) faults.foreignRequests.push(url);
  });
  await page.addInitScript(() => {
    window.policyViolations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      window.policyViolations?.push(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
    });
  });
  return faults;
}
