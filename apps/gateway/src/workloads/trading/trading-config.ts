import { base64Key, base64Keys } from '@roundhouse/service';

export const tradingFields = {
  /** Seals credentials of brokers; the importer opens them with the same one. */
  credentialKey: base64Key(32),
  /** Keys that were in use before, so that what they have sealed can be sealed again. */
  previousCredentialKeys: base64Keys(32),
};
