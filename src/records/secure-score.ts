import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objects, own, sorted, text, texts, type Raw } from './property.ts';

/**
 * secureScore: the last one stands for the tenant, so that a day without a difference is no change. Dates, counts of active
 * users and the averages of others differ from day to day and are left out.
 */
export function parseSecureScore(raw: unknown): Parsed<EntityRecord> {
  const score = object(raw);
  if (score === null || text(own(score, 'id')) === null) return refused('the secure score has no id');
  const current = numeric(own(score, 'currentScore'));
  const max = numeric(own(score, 'maxScore'));
  if (current === null || max === null) return refused('the secure score has no score');
  const json = {
    score: current,
    max_score: max,
    percent: max > 0 ? Math.round((current / max) * 1000) / 10 : null,
    services: sorted(texts(own(score, 'enabledServices'))),
    controls: sorted(
      objects(own(score, 'controlScores'))
        .map(controlOf)
        .filter((one) => one !== null),
    ),
  };
  return accepted({ kind: 'secure_score', id: 'secureScore', json, scalars: {} });
}

function numeric(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** `<control>=<points>` */
function controlOf(control: Raw): string | null {
  const name = text(own(control, 'controlName'));
  const points = numeric(own(control, 'score'));
  return name === null || points === null ? null : `${name}=${points}`;
}
