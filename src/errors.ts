/** Everything wrong with the configuration, in one error. `problems` are whole sentences. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `configuration: ${problems.length} problem${problems.length === 1 ? '' : 's'}\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

export interface GraphErrorFacts {
  /** HTTP status; 0 when no answer came (connection, TLS, time-out). */
  readonly status: number;
  /** Microsoft's error code, or our own word when the answer had none (`network`, `malformed`, `timeout`, `foreign_link`). */
  readonly code: string;
  readonly requestId: string | null;
  /** ms to wait as the service asked, when it did. */
  readonly retryAfterMs: number | null;
  /** What the operator should do, one clause; empty when nothing but waiting helps. */
  readonly advice: string;
}

/** Microsoft refused or failed. The message is one sentence: verb, object, reason, what to do. */
export class GraphError extends Error implements GraphErrorFacts {
  override readonly name = 'GraphError';
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;
  readonly advice: string;

  constructor(message: string, facts: GraphErrorFacts, options?: ErrorOptions) {
    super(message, options);
    this.status = facts.status;
    this.code = facts.code;
    this.requestId = facts.requestId;
    this.retryAfterMs = facts.retryAfterMs;
    this.advice = facts.advice;
  }
}

/** The token endpoint refused. `permanent` = no retry helps until a person changes something. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';
  /** The AADSTS number, e.g. 7000215; 0 when none was named. */
  readonly aadsts: number;
  readonly permanent: boolean;

  constructor(message: string, aadsts: number, permanent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.aadsts = aadsts;
    this.permanent = permanent;
  }
}

/** A detection (or case) file cannot be used. Line and column count from 1. */
export class DetectionError extends Error {
  override readonly name = 'DetectionError';
  readonly file: string;
  readonly line: number;
  readonly column: number;

  constructor(message: string, file: string, line: number, column: number) {
    super(`${file}:${line}:${column}: ${message}`);
    this.file = file;
    this.line = line;
    this.column = column;
  }
}

/** A mail or notification was not delivered; `permanent` = the receiver said never. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly permanent: boolean;

  constructor(message: string, permanent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.permanent = permanent;
  }
}
