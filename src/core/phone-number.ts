/** Phone numbers: what refers to an integration (contract: butter, section 4). */

/** E.164 in shape only: carriers hand out numbers that no numbering plan knows. */
export const phoneNumberForm = /^\+[1-9][0-9]{6,14}$/;

export const phoneNumberProviders = ['twilio', 'sip'] as const;
export type PhoneNumberProvider = (typeof phoneNumberProviders)[number];

export const mediaEncryptions = ['disable', 'allow', 'require'] as const;

/** What a SIP trunk needs besides its secrets. */
export interface SipSettings {
  readonly sip_trunk_name?: string | undefined;
  readonly sip_username?: string | undefined;
  readonly sip_server_address?: string | undefined;
  readonly inbound_room_name?: string | undefined;
  readonly media_encryption: (typeof mediaEncryptions)[number];
  /** Whether it was imported with all that outbound calls need, the password included. */
  readonly outbound_ready: boolean;
}

export interface PhoneNumber {
  readonly id: string;
  readonly organizationId: string;
  readonly phoneNumber: string;
  readonly provider: PhoneNumberProvider;
  readonly supportsInbound: boolean;
  readonly supportsOutbound: boolean;
  readonly integrationId: string | null;
  readonly assignedAgentId: string | null;
  /** Whether outbound calls could be made at all. */
  readonly outboundReady: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What keeps one integration from being deleted. */
export interface IntegrationUse {
  readonly integrationId: string;
  /** The first ones, sorted. */
  readonly phoneNumbers: readonly string[];
  /** How many there are in all. */
  readonly total: number;
}

/** How many blocking numbers are named before the rest is only counted. */
export const namedPhoneNumbers = 100;
