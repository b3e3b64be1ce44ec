/** What keeps people from reading or using a page: as axe sees it, and what runs out of a narrow screen. */
import { fileURLToPath } from 'node:url';
import type axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';

const axeFile = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));

/** For every page of the context. Not as an element: the content security policy lets no such script in. */
export async function prepareAxe(context: BrowserContext): Promise<void> {
  await context.addInitScript({ path: axeFile });
  // a colour that is still on its way to another one would be taken for a third
  await context.addInitScript(() => {
    const { document, CSSStyleSheet } = globalThis as any;
    const still = new CSSStyleSheet();
    still.replaceSync('*, ::before, ::after { transition: none !important; }');
    document.adoptedStyleSheets.push(still);
  });
}

export const wide = { width: 1280, height: 860 };
export const phone = { width: 360, height: 740 };
/** Those that another width can make a difference to. */
const rulesOfWidth = [
  'aria-hidden-focus',
  'button-name',
  'label',
  'link-name',
  'scrollable-region-focusable',
  'target-size',
];

/** All that is wrong with a light page as it stands, and as it is in dark and on a phone; it stays so. */
export async function problemsOf(page: Page): Promise<readonly string[]> {
  const whole = await findingsOf(page);
  await paint(page, 'dark');
  const dark = await findingsOf(page, ['color-contrast']);
  await page.setViewportSize(phone);
  const narrow = await findingsOf(page, rulesOfWidth);
  return [...whole, ...dark, ...narrow, ...(await cutOff(page))];
}

/**
 * Every violation of a rule, whatever its weight, with where it is: of all rules; or of those that are named, and then only inside of
 * a dialog where one is open, as what lies behind it is looked at without it.
 */
export async function findingsOf(page: Page, only?: string[]): Promise<readonly string[]> {
  const options: axe.RunOptions = {
    resultTypes: ['violations'],
    // a rule of WCAG 2.2, which axe leaves out by itself
    rules: { 'target-size': { enabled: true } },
    ...(only && { runOnly: only }),
  };
  const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'));
  const context = only && (await dialog.count()) > 0 ? await dialog.elementHandle() : null;
  const { violations }: axe.AxeResults = await page.evaluate(
    async ([part, given]) => await (globalThis as any).axe.run(part ?? (globalThis as any).document, given),
    [context, options] as const,
  );
  const found = violations.flatMap(({ id: rule, nodes }) => nodes.map((node) => ({ rule, ...node })));
  const inSwagger = await partsOfSwagger(page, found);
  return found
    .filter(({ rule }, index) => !(leftToSwagger.has(rule) && inSwagger[index]))
    .map(({ rule, html, failureSummary }) => `${rule}: ${html.slice(0, 200)} ${failureSummary}`);
}

/** None is serious for axe: levels of headings that are left out, and parts outside of every landmark. */
const leftToSwagger = new Set(['heading-order', 'landmark-unique', 'region']);

/** Which of them stand in what Swagger UI makes, on the pages of the reference. */
async function partsOfSwagger(page: Page, found: readonly axe.NodeResult[]): Promise<readonly boolean[]> {
  return await page.evaluate(
    (targets) => {
      const { document } = globalThis as any;
      // oxlint-disable-next-line no-restricted-properties -- as axe names it; nothing is looked for by it
      return targets.map((target) => Boolean(document.querySelector(target)?.closest('.swagger-ui')));
    },
    found.map(({ target }) => String(target[0])),
  );
}

/** The colours of a page that is there. */
export async function paint(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(async () => {
    const { requestAnimationFrame: next } = globalThis as any;
    // pages that hear of it do so in the next frame
    await new Promise((resolve) => next(() => next(resolve)));
  });
}

/** Texts that run out of the screen, or of a part that hides what does not fit and cannot be scrolled; or all of it. */
export async function cutOff(page: Page): Promise<readonly string[]> {
  return await page.evaluate(() => {
    const { document, getComputedStyle } = globalThis as any;
    const root = document.documentElement;
    const range = document.createRange();
    const texts = document.createTreeWalker(document.body, (globalThis as any).NodeFilter.SHOW_TEXT);
    const found = root.scrollWidth > root.clientWidth ? ['the page is wider than the screen'] : [];
    while (texts.nextNode()) {
      range.selectNodeContents(texts.currentNode);
      const { right, width } = range.getBoundingClientRect();
      if (width > 0 && !isReachable(texts.currentNode.parentElement, right)) {
        found.push(texts.currentNode.textContent.trim());
      }
    }
    return found;

    function isReachable(element: any, right: number): boolean {
      if (element === root) return right <= root.clientWidth + 1;
      const { overflowX, textOverflow } = getComputedStyle(element);
      if (overflowX === 'auto' || overflowX === 'scroll' || textOverflow === 'ellipsis') return true;
      const isHidden = overflowX === 'hidden' || overflowX === 'clip';
      const bounds = element.getBoundingClientRect();
      // one pixel: it is only there to be read out
      if (isHidden && bounds.width <= 1) return true;
      if (isHidden && right > bounds.right + 1) return false;
      return isReachable(element.parentElement, right);
    }
  });
}
