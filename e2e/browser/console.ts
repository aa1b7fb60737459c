import type { ApiKeyScope } from '@roundhouse/ledger';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { startPlatform, type Platform, type PlatformOptions } from '../platform/platform.js';
import { launchChromium } from './chromium.js';
import { watchPage, type PageFaults } from './page-faults.js';

/** A window with the console in it. */
export interface ConsoleWindow {
  page: Page;
  context: BrowserContext;
  /** What must not happen on any page; `faults.expectNone()` at the end of a test. */
  faults: PageFaults;
}

export interface WindowOptions extends BrowserContextOptions {
  /** Logged in with such a key of tenant acme; false: not logged in. @default all scopes */
  scopes?: readonly ApiKeyScope[] | false;
  tenant?: string;
}

/** A platform with a browser in front of it. */
export class ConsoleTest {
  private constructor(
    readonly platform: Platform,
    readonly browser: Browser,
  ) {}

  static async start(options?: PlatformOptions): Promise<ConsoleTest> {
    const browser = await launchChromium();
    try {
      return new ConsoleTest(await startPlatform(options), browser);
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  get url(): string {
    return this.platform.service('gateway').url;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.platform.stop();
  }

  /** A browser profile of its own with one tab on `path`, logged in through the API as the login page does. */
  async open(
    path = '/',
    { scopes = ['admin'], tenant = 'acme', ...options }: WindowOptions = {},
  ): Promise<ConsoleWindow> {
    const context = await this.browser.newContext({ baseURL: this.url, ...options });
    context.setDefaultTimeout(60_000);
    if (scopes) {
      const { key } = await this.platform.clientOf(tenant, ...scopes);
      const answer = await context.request.post('/v1/session', { data: { api_key: key } });
      if (answer.status() !== 201) throw new Error(`POST /v1/session: ${answer.status()} ${await answer.text()}`);
    }
    const page = await context.newPage();
    const faults = await watchPage(page, this.url);
    await page.goto(path);
    return { page, context, faults };
  }
}
