import { z } from 'zod';

/** What Exchange allows the app and tells it; tests change it through the control API. */
export const exchangeRules = z.strictObject({
  /** The role group of Exchange that the app's service principal is in. */
  role_group: z.enum(['none', 'Recipient Management']),
  /**
   * `documented`: what the page about the endpoint names; `everything`: all that the cmdlet knows. Which it is cannot be
   * read anywhere.
   */
  tells: z.enum(['documented', 'everything']),
});

export type ExchangeRules = z.infer<typeof exchangeRules>;
