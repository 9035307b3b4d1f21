import { isLicenceRefusal, isPermissionRefusal, type BatchAnswer, type Graph } from '../microsoft/index.ts';
import type { AuthenticationMethodsInput } from '../records/index.ts';
import { toObjects, type StateCollector, type StateOptions, type StatePart } from './collector.ts';
import { stateIntervals } from './settings.ts';
import { unreadScope } from './unread.ts';

const HOUR = 3_600_000;

/** What was read less long ago than this is not read again: what is read is posture, once a day. */
const FRESH_MS = 23 * HOUR;

/** 20 is the documented maximum of a batch. */
const CHUNK = 20;

/** Users read one by one in a run, six batches: 2,880 a day, so that a tenant of that size is known every day. */
const MOST_USERS = 6 * CHUNK;

/** What the fallback needs; the report itself needs AuditLog.Read.All. */
export const METHODS_PERMISSION = 'UserAuthenticationMethod.Read.All';

/**
 * Who has registered which second factor: Microsoft's report, or, in a tenant without Entra ID P1, the methods of one user
 * after the other, a part of them each hour. The two are kinds of their own, because each says what the other does not.
 * https://learn.microsoft.com/graph/api/authenticationmethodsroot-list-userregistrationdetails
 * https://learn.microsoft.com/graph/api/authentication-list-methods
 */
export const registrationDetails: StateCollector = {
  kind: 'state',
  source: 'registration-details',
  needs: {
    permission: 'AuditLog.Read.All',
    licence: 'p1',
    without: { permission: METHODS_PERMISSION, text: 'user by user, without what only the report says' },
  },
  intervalMs: stateIntervals.registration,
  kinds: ['registration_details', 'authentication_methods'],
  read: readRegistrations,
};

async function* readRegistrations(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  if (options.hasP1 !== false) {
    try {
      yield* readReport(graph, options);
      return;
    } catch (error) {
      // Refused although the tenant has it: licence or consent still spreads, and the report is asked again.
      if (!isLicenceRefusal(error) || options.hasP1 === true) throw error;
    }
  }
  yield* readUsers(graph, options);
}

async function* readReport(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  if (isFresh('*', options)) return;
  const pages = graph.pages('/reports/authenticationMethods/userRegistrationDetails', {
    what: 'read who registered which second factor',
    needs: registrationDetails.needs.permission,
    quota: 'reports',
    signal: options.signal,
  });
  for await (const page of pages) {
    yield { type: 'page', scope: '*', ...toObjects('registration_details', page.records) };
  }
  yield { type: 'done', scope: '*', completeFor: ['registration_details'] };
}

function isFresh(scope: string, { lastReads, now }: StateOptions): boolean {
  const at = lastReads.get(scope);
  return at !== undefined && now - at < FRESH_MS;
}

async function* readUsers(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  const due = options.users.filter((user) => !isFresh(user, options)).slice(0, MOST_USERS);
  for (let at = 0; at < due.length; at += CHUNK) {
    const users = due.slice(at, at + CHUNK);
    const answers = await graph.batch(users.map(methodsOf), {
      what: 'read authentication methods',
      needs: METHODS_PERMISSION,
      signal: options.signal,
    });
    if (at === 0) throwIfRefused(answers);
    for (const user of users) yield* partsOf(user, answers.get(user));
  }
}

function methodsOf(user: string) {
  return { id: user, path: `/users/${encodeURIComponent(user)}/authentication/methods` };
}

/** The right is missing for all or for none: then it is said once, and nobody else is asked about. */
function throwIfRefused(answers: ReadonlyMap<string, BatchAnswer>): void {
  const [first] = answers.values();
  if (first?.ok !== false || !isPermissionRefusal(first.error)) return;
  for (const answer of answers.values()) if (answer.ok || !isPermissionRefusal(answer.error)) return;
  throw first.error;
}

function* partsOf(user: string, answer: BatchAnswer | undefined): Generator<StatePart> {
  if (answer?.ok === true) {
    const { value } = answer.body;
    const raw: AuthenticationMethodsInput = {
      userId: user,
      methods: Array.isArray(value) ? (value as unknown[]) : [],
    };
    const object = { kind: 'authentication_methods', id: user, removed: false, raw: { ...raw } };
    yield { type: 'page', scope: user, objects: [object], unreadable: [] };
    yield { type: 'done', scope: user, completeFor: null };
    return;
  }
  // Deleted since the list of users was read: that list tells it.
  if (answer?.error.status === 404) return;
  yield unreadScope(user, answer, 'read authentication methods: the batch had no answer for this user');
}
