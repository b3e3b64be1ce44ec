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
        const wrong = (name: string, description: string) => page.getByRole('textbox', { name, description });
        await page.getByRole('radio', { name: /^Segment/ }).check();
        await page.getByRole('button', { name: 'Add Segment' }).click();
        await wrong('Name', 'Name is needed').waitFor();
        await wrong('Write key', 'Write key is needed').waitFor();
        await page.getByRole('radio', { name: /^Twilio/ }).check();
        await field('Account SID').fill('AC1');
        await field('Auth token').fill('x');
        await page.getByRole('button', { name: 'Add Twilio' }).click();
        const sid = 'Account SID should be AC and 32 digits from 0 to 9 and A to F';
        await wrong('Account SID', sid).waitFor();

        const twilio = await createTwilio(app);
        await page.goto('/phone-numbers');
        await page.getByRole('button', { name: 'Import a number' }).first().click();
        await page.getByRole('dialog').getByRole('combobox', { name: 'Integration' }).selectOption(twilio);
        await field('Phone number').fill('0123');
        await page.getByRole('button', { name: 'Import', exact: true }).click();
        const number = 'Phone number should be + and 7 to 15 digits, the first of them not 0';
        await page.getByRole('alert').filter({ hasText: number }).waitFor();
        await wrong('Phone number', number).waitFor();
      });
    },
    ['postgres'],
  );
});
