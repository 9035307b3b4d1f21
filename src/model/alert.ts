export type Level = 'informational' | 'low' | 'medium' | 'high' | 'critical';
export type Life = 'event' | 'state';
/** A person closes with one of the first four; a state closes by itself with one of the others. */
export type CloseReason =
  'true' | 'expected' | 'false_positive' | 'duplicate' | 'fixed' | 'deleted' | 'out_of_scope' | 'retired';

/** A detection holds for one subject: identity is (tenant, detection, subject, cause, occurrence). */
export interface Alert {
  readonly tenantId: string;
  readonly id: string;
  readonly detectionId: string;
  readonly version: string;
  readonly subject: string;
  readonly cause: string;
  /** UTC epoch ms, like every time here. */
  readonly occurrenceStart: number;
  readonly life: Life;
  readonly state: 'open' | 'closed';
  readonly closeReason: CloseReason | null;
  readonly closedAt: number | null;
  readonly closedBy: string | null;
  readonly level: Level;
  /** Id of the suppression that covers it, when one does. */
  readonly expectedBy: string | null;
  /** The event is older than the tenant's enrolment: reported once, never mailed at once. */
  readonly historical: boolean;
  readonly firstEventAt: number;
  readonly lastEventAt: number;
  readonly notVisibleSince: number | null;
  readonly withdrawn: boolean;
  readonly mergedInto: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Words that fill the detection's texts: actor, subject, role … (hostile). */
  readonly words: Readonly<Record<string, string>>;
  readonly evidence: readonly AlertEvidence[];
}

export interface AlertEvidence {
  readonly feed: string;
  readonly nativeId: string;
  readonly at: number;
  readonly withdrawn: boolean;
}
