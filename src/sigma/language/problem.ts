/** One finding in a rule file. `line` and `column` count from 1; an `error` keeps the document out, a `lint` does not. */
export interface SigmaProblem {
  file: string;
  line: number;
  column: number;
  message: string;
  severity: 'error' | 'lint';
}

/** A rule cannot be used; `problems` holds at least one error. */
export class SigmaError extends Error {
  override readonly name = 'SigmaError';
  readonly problems: readonly SigmaProblem[];

  constructor(problems: readonly SigmaProblem[]) {
    super(problems.map((p) => `${p.file}:${p.line}:${p.column}: ${p.message}`).join('\n'));
    this.problems = problems;
  }
}

/** Collects the problems of one document; `at` is anything it can place in its file. `error` gives null to hand on. */
export interface Report<Place> {
  error(at: Place, message: string): null;
  lint(at: Place, message: string): void;
}
