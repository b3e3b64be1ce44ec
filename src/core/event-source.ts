/** Where an organization's email events come in: a URL that SendGrid's Event Webhook posts to. */
export interface EventSource {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  /** Base64 of the SPKI; null: signatures are not checked. */
  readonly publicKey: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
