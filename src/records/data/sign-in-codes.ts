// Sign-in status codes (AADSTS numbers) that are a step of a sign-in, not a refused one: a choice of account, a second
// factor still to come, a session to be renewed, a consent to be given. Codes and meanings: Microsoft Learn "Microsoft
// Entra authentication and authorization error codes" (MicrosoftDocs/entra-docs @04f6554); status "Interrupted" in the
// portal: public lists of 2026-06; 50072, 50058, 50089, 50132, 50133, 65001, 16000 and 50140 measured on a real tenant
// in July 2026. The reading as interrupt is ours. Every other code but 0 is a failure, unknown ones included.
export const INTERRUPT_CODES: ReadonlySet<number> = new Set([
  16000, 16001, 16002, 16003, 50013, 50015, 50055, 50058, 50059, 50061, 50070, 50071, 50072, 50074, 50076,
  50078, 50079, 50085, 50086, 50087, 50088, 50089, 50097, 50125, 50127, 50129, 50132, 50133, 50134, 50135,
  50136, 50140, 50143, 50144, 50158, 50168, 50173, 50180, 50187, 50199, 50201, 50203, 50207, 51005, 51006,
  52004, 54000, 54005, 65001, 70008, 70016, 70018, 70019, 70043, 70044, 70046, 76026, 81004, 81006, 81010,
  81012, 81014, 90007, 90038, 90043, 90072, 90086, 140000, 140001, 160011, 160021, 399218, 500133, 500581,
  500741, 500881, 501314, 700082, 700084, 1000002,
]);
