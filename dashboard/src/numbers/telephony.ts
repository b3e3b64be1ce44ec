/** Those integrations that numbers can be served through. */
export const telephony = { category: 'telephony' } as const;
