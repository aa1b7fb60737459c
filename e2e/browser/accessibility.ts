import axe from 'axe-core';
import type { Page } from 'playwright-core';

interface AxeResults {
  violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[];
}

const allRules = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
const colourRules = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };

/** Every rule that the page breaks, with the elements. */
export const accessibilityFaults = (page: Page): Promise<string[]> => faults(page, allRules);

/** Those about colours alone: all that another colour scheme of the same page can break. */
export const colourFaults = (page: Page): Promise<string[]> => faults(page, colourRules);

/** Run through the debugger: the page's policy lets in no other script. What holds is not told, which would take as long again. */
async function faults(page: Page, runOnly: object): Promise<string[]> {
  if (!(await page.evaluate(`'axe' in globalThis`))) await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(
    `axe.run(document, ${JSON.stringify({ runOnly, resultTypes: ['violations'] })}).then(({ violations }) => ({ violations }))`,
  )) as AxeResults;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}

/** Whether the page itself can be scrolled sideways. */
export function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
