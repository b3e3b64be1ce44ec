/** Every provider there is. */
import type { ProviderName } from '../core/integration.ts';
import type { Outbound } from './outbound.ts';
import type { Provider } from './provider.ts';
import { segment } from './segment/segment.ts';
import { twilio } from './twilio/twilio.ts';

export interface CatalogOptions {
  readonly twilioUrl: URL;
  readonly outbound: Outbound;
}

export class Catalog {
  readonly providers: readonly Provider[];

  constructor({ twilioUrl, outbound }: CatalogOptions) {
    this.providers = [segment, twilio(twilioUrl, outbound)];
  }

  get(name: ProviderName): Provider {
    const provider = this.find(name);
    if (provider === undefined) throw new Error(`the provider ${name} is not in the catalogue`);
    return provider;
  }

  find(name: string): Provider | undefined {
    return this.providers.find((provider) => provider.name === name);
  }

  /** The providers of a category; all of them where none is named. */
  inCategory(category: string | undefined): readonly ProviderName[] {
    return this.providers
      .filter((provider) => category === undefined || provider.category === category)
      .map((provider) => provider.name);
  }
}
