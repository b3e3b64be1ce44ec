import { describe, it } from 'vitest';
import { createTwilio } from '../support/butter.ts';
import { onDashboard } from '../support/dashboard.ts';

describe('what is wrong in a form', () => {
  onDashboard(
    (dashboard) => {
      it('is said in words at its field, whether page or server finds it', async () => {
        const { page, app } = dashboard();
        await page.goto('/integrations/new');
        const field = (name: string) => page.getByRole('textbox', { name });
        await page.getByRole('radio', { name: /^Segment/ }).check();
        await page.getByRole('button', { name: 'Add Segment' }).click();
        await page.getByText('Name is needed', { exact: true }).waitFor();
        await page.getByText('Write key is needed', { exact: true }).waitFor();
        await page.getByRole('radio', { name: /^Twilio/ }).check();
        await field('Account SID').fill('AC1');
        await field('Auth token').fill('x');
        await page.getByRole('button', { name: 'Add Twilio' }).click();
        const sid = 'Account SID should be AC and 32 digits from 0 to 9 and A to F';
        await page.getByText(sid, { exact: true }).waitFor();

        const twilio = await createTwilio(app);
        await page.goto('/phone-numbers');
        await page.getByRole('button', { name: 'Import a number' }).first().click();
        await page.getByRole('dialog').getByRole('combobox', { name: 'Integration' }).selectOption(twilio);
        await field('Phone number').fill('0123');
        await page.getByRole('button', { name: 'Import', exact: true }).click();
        const number = 'Phone number should be + and 7 to 15 digits, the first of them not 0';
        await page.getByRole('alert').filter({ hasText: number }).waitFor();
        await page.getByText(number, { exact: true }).first().waitFor();
      });
    },
    ['postgres'],
  );
});
