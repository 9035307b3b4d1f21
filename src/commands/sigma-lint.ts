import type { Command } from './command.ts';
import { loadRules, problemText } from './sigma-files.ts';
import { printable, safeJson } from './table.ts';

/** `sigma lint PATH…`: exits 1 when something is an error; what the specification leaves open is a lint. */
export const lint: Command = {
  name: 'lint',
  summary: 'checks rule files and says what is wrong, with line and column',
  configure(node) {
    node
      .argument('<path...>', 'rule files, or folders of them')
      .option('--json', 'prints one JSON object a line, one per problem');
  },
  async run(context, args, options) {
    const counts = { files: 0, documents: 0, error: 0, lint: 0 };
    for (const path of args) {
      const loaded = loadRules(context, path);
      counts.files += loaded.files;
      for (const { rules, correlations, filters } of loaded.parsed)
        counts.documents += rules.length + correlations.length + filters.length;
      for (const problem of loaded.problems) {
        counts[problem.severity] += 1;
        const line = options['json'] === true ? safeJson(problem) : printable(problemText(problem));
        context.stdout.write(`${line}\n`);
      }
    }
    if (options['json'] !== true) {
      const { files, documents, error, lint: lints } = counts;
      context.stdout.write(
        `${files} files, ${documents} usable documents, ${error} errors, ${lints} lints\n`,
      );
    }
    return counts.error > 0 ? 1 : 0;
  },
};
