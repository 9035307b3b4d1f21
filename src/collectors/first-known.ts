import type { GraphPage } from '../microsoft/index.ts';
import { isUnsupportedQuery } from './refusal.ts';

/**
 * Pages of the first question that the service understands: the ones behind it ask for less. Only the first page can be
 * refused so; what fails later fails.
 */
export async function* firstKnown(
  questions: readonly (() => AsyncGenerator<GraphPage>)[],
): AsyncGenerator<GraphPage> {
  for (const [index, ask] of questions.entries()) {
    let seen = false;
    try {
      for await (const page of ask()) {
        seen = true;
        yield page;
      }
      return;
    } catch (error) {
      if (seen || index === questions.length - 1 || !isUnsupportedQuery(error)) throw error;
    }
  }
}
