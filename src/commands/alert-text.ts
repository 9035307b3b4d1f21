import type { Alert } from '../model/alert.ts';
import type { DetectionVersionRow } from '../store/detection-versions.ts';
import { inLanguage } from '../text/catalogue.ts';
import { fillTemplate } from '../text/template.ts';

/** An alert as `--json` prints it; times are UTC epoch ms. */
export function alertJson(alert: Alert): Record<string, unknown> {
  return {
    id: alert.id,
    detection_id: alert.detectionId,
    version: alert.version,
    subject: alert.subject,
    cause: alert.cause,
    occurrence_start: alert.occurrenceStart,
    life: alert.life,
    state: alert.state,
    close_reason: alert.closeReason,
    level: alert.level,
    expected_by: alert.expectedBy,
    historical: alert.historical,
    first_event_at: alert.firstEventAt,
    last_event_at: alert.lastEventAt,
    created_at: alert.createdAt,
    evidence: eventsOf(alert).map((one) => one.nativeId),
  };
}

/** Evidence that is an event; what a check found true is no event. */
export function eventsOf(alert: Alert): Alert['evidence'] {
  return alert.evidence.filter((one) => one.feed !== 'checks');
}

/** One of a detection's texts with the alert's words in it; '' when the detection has no such text. */
export function textOf(alert: Alert, version: DetectionVersionRow | undefined, name: string): string {
  const texts = version === undefined ? null : inLanguage(parse(version.texts), 'en');
  const text = (texts as Record<string, unknown> | null)?.[name];
  if (typeof text === 'string') return filled(alert, text);
  return name === 'title' ? (version?.title ?? alert.detectionId) : '';
}

/** Who wrote the imported rule behind an alert; '' for our own detections and where the rule does not say. */
export function ruleAuthor(version: DetectionVersionRow | undefined): string {
  const texts = version === undefined ? null : inLanguage(parse(version.texts), 'en');
  const author = (texts as Record<string, unknown> | null)?.['author'];
  return typeof author === 'string' ? author : '';
}

/** The detection's response steps with the alert's words in them. */
export function stepsOf(alert: Alert, version: DetectionVersionRow | undefined): string[] {
  const steps: unknown = version === undefined ? [] : JSON.parse(version.steps);
  return Array.isArray(steps) ? steps.map((step) => filled(alert, String(step))) : [];
}

function filled(alert: Alert, text: string): string {
  const subject = alert.words['subject'] ?? alert.words['upn'] ?? alert.subject;
  return fillTemplate(text, { ...alert.words, subject }, 'unknown');
}

function parse(json: string): Record<string, unknown> {
  return JSON.parse(json) as Record<string, unknown>;
}

/** `2026-11-17T09:42:00Z`. */
export function moment(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
