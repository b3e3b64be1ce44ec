/** What keeps people from reading or using a page: as axe sees it, and what runs out of a narrow screen. */
import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';

/** For every page of the context. Not as an element: the content security policy lets no such script in. */
export async function prepareAxe(context: BrowserContext): Promise<void> {
  await context.addInitScript({ content: axe.source });
}

/** Every serious violation of a rule, with where it is; of all rules, or of those that are named. */
export async function seriousProblems(page: Page, rules?: string[]): Promise<readonly string[]> {
  const options: axe.RunOptions = {
    resultTypes: ['violations'],
    // a rule of WCAG 2.2, which axe leaves out by itself
    rules: { 'target-size': { enabled: true } },
    ...(rules && { runOnly: rules }),
  };
  const { violations }: axe.AxeResults = await page.evaluate(
    async (given) => await (globalThis as any).axe.run(given),
    options,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id: rule, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${rule}: ${html.slice(0, 200)} ${failureSummary}`),
    );
}

/** Other colours, whole: what is still on its way to them would be taken for a third one. */
export async function paint(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(async () => {
    const { document, CSSTransition, requestAnimationFrame: next } = globalThis as any;
    // pages that hear of it do so in the next frame
    await new Promise((resolve) => next(() => next(resolve)));
    const moving = () => document.getAnimations().filter((each: unknown) => each instanceof CSSTransition);
    // where a colour is inherited, the end of one transition begins the next
    for (let all = moving(); all.length > 0; all = moving()) for (const each of all) each.finish();
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
