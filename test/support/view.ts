/** One look of a page, and what is done on a page until it looks so. */
import type { Page } from 'playwright-core';
import type { TestApp } from './app.ts';

export interface View {
  readonly name: string;
  readonly path: string;
  /** Its heading. */
  readonly title: string | RegExp;
  /** It is there on a phone only. */
  readonly isNarrow?: true;
  /** The page is that of the view before, as it was left there. */
  readonly stays?: true;
  /** What is done on the page before it is looked at. */
  readonly open?: (page: Page, app: TestApp) => Promise<void>;
}

export function dialog(
  name: string,
  path: string,
  button: string | RegExp,
  then?: (page: Page) => Promise<void>,
): View {
  return {
    name: `dialog: ${name}`,
    path,
    title: /./,
    open: async (page) => {
      await press(page, button);
      await page.getByRole('dialog').or(page.getByRole('alertdialog')).waitFor();
      await then?.(page);
    },
  };
}

export async function press(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('button', { name, exact: true }).first().click();
}

export async function chooseAll(page: Page): Promise<void> {
  await page.getByRole('checkbox', { name: 'Select all on this page' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('region', { name: 'Selection' }).waitFor();
}

export async function openDetails(page: Page): Promise<void> {
  await page.getByRole('row').nth(1).getByRole('group').click();
}
