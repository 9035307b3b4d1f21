import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const MAX_LINES_PER_FUNCTION = 60;
const MAX_IMPORTS = 14;

/** Two rules that eslint does not bring along. */
const house = {
  rules: {
    'max-imports': {
      create(context) {
        return {
          Program(node) {
            const imports = node.body.filter((statement) => statement.type === 'ImportDeclaration');
            if (imports.length <= MAX_IMPORTS) return;
            context.report({
              node: imports[MAX_IMPORTS],
              message: `${imports.length} imports, at most ${MAX_IMPORTS}: this file does more than one thing; split it.`,
            });
          },
        };
      },
    },
    // A describe() is a heading, not a function; everything inside it is measured.
    'max-lines-per-test': {
      create(context) {
        function check(node) {
          const callee =
            node.parent.type === 'CallExpression' ? context.sourceCode.getText(node.parent.callee) : '';
          if (callee.startsWith('describe')) return;
          const lines = node.loc.end.line - node.loc.start.line + 1;
          if (lines <= MAX_LINES_PER_FUNCTION) return;
          context.report({ node, message: `${lines} lines, at most ${MAX_LINES_PER_FUNCTION}.` });
        }
        return { FunctionDeclaration: check, FunctionExpression: check, ArrowFunctionExpression: check };
      },
    },
  },
};

// The last one asks the simulator, which the demo started, for the mails it received.
const HTTP_DOORS = ['src/microsoft/**', 'src/channels/**', 'src/commands/demo-mails.ts'];

/** One door to each outside thing (docs/architecture.md). `doors` = the folders or files that may. */
const syntaxDoors = [
  {
    doors: ['src/config/**'],
    selectors: ["MemberExpression[object.name='process'][property.name='env']"],
    message: 'process.env is read in src/config only: take the value from Config or CommandContext.env.',
  },
  {
    doors: ['src/clock.ts'],
    selectors: [
      "MemberExpression[object.name='Date'][property.name='now']",
      "NewExpression[callee.name='Date'][arguments.length=0]",
      "CallExpression[callee.name='Date']",
      'CallExpression[callee.name=/^set(Timeout|Interval)$/]',
      'ImportDeclaration[source.value=/^(node:)?timers/]',
    ],
    message: 'Time is an argument: take a Clock (src/clock.ts) and ask it.',
  },
  {
    doors: HTTP_DOORS,
    selectors: ["CallExpression[callee.name='fetch']"],
    message: 'HTTP to Microsoft belongs in src/microsoft, to receivers of notifications in src/channels.',
  },
];

const packageDoors = [
  {
    doors: ['src/microsoft/**'],
    group: ['@azure/*', '@microsoft/microsoft-graph-client', '@microsoft/microsoft-graph-client/*'],
    message: 'Packages that talk to Microsoft are used in src/microsoft only.',
  },
  {
    doors: HTTP_DOORS,
    group: ['undici', 'http', 'https', 'node:http', 'node:https', 'node:http2'],
    message: 'HTTP belongs in src/microsoft or src/channels.',
  },
  {
    doors: ['src/store/**'],
    group: ['better-sqlite3', 'pg', 'kysely', 'kysely/*', 'node:sqlite', '@electric-sql/*'],
    message: 'Database packages are used in src/store only: add a function to the table it concerns.',
  },
  {
    doors: ['src/channels/**'],
    group: ['nodemailer', 'nodemailer/*'],
    message: 'Mail leaves through src/channels only: write a row into the outbox.',
  },
  {
    doors: ['src/simulator/**'],
    group: ['smtp-server', 'hono', 'hono/*', '@hono/*', '@peculiar/x509', 'reflect-metadata'],
    message: 'Only the simulator serves anything.',
  },
];

const everywhere = [
  {
    selector: 'ExportDefaultDeclaration',
    message: 'Named exports only: a name is the same wherever it is used.',
  },
  {
    selector:
      ':matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator:not([id.typeAnnotation]) > :matches(ArrowFunctionExpression, FunctionExpression).init',
    message: 'Write a function declaration.',
  },
];

function syntaxRule(doors) {
  const closed = doors.flatMap(({ selectors, message }) =>
    selectors.map((selector) => ({ selector, message })),
  );
  return ['error', ...everywhere, ...closed];
}

function importRule(doors) {
  return ['error', { patterns: doors.map(({ group, message }) => ({ group, message })) }];
}

/** eslint replaces the options of a rule instead of merging them, so each door restates what stays closed there. */
function doorConfigs() {
  const folders = [...new Set([...syntaxDoors, ...packageDoors].flatMap(({ doors }) => doors))];
  return folders.map((folder) => {
    const closed = ({ doors }) => !doors.includes(folder);
    return {
      files: [folder],
      rules: {
        'no-restricted-syntax': syntaxRule(syntaxDoors.filter(closed)),
        'no-restricted-imports': importRule(packageDoors.filter(closed)),
      },
    };
  });
}

/** Core rules that neither the compiler nor typescript-eslint covers. */
const core = [
  'no-async-promise-executor',
  'no-cond-assign',
  'no-constant-condition',
  'no-debugger',
  'no-dupe-else-if',
  'no-duplicate-case',
  'no-empty',
  'no-empty-character-class',
  'no-ex-assign',
  'no-irregular-whitespace',
  'no-loss-of-precision',
  'no-misleading-character-class',
  'no-prototype-builtins',
  'no-self-assign',
  'no-self-compare',
  'no-sparse-arrays',
  'no-unsafe-finally',
  'no-unsafe-optional-chaining',
  'no-useless-catch',
  'no-useless-escape',
  'prefer-const',
  'no-console',
];

export default defineConfig(
  { ignores: ['dist/**', 'node_modules/**', 'demo-output/**', 'coverage/**'] },
  tseslint.configs.recommended,
  {
    plugins: { house },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...Object.fromEntries(core.map((rule) => [rule, 'error'])),
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: MAX_LINES_PER_FUNCTION }],
      complexity: ['error', { max: 12 }],
      'house/max-imports': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-syntax': syntaxRule(syntaxDoors),
      'no-restricted-imports': importRule(packageDoors),
    },
  },
  ...doorConfigs(),
  // Another program: it serves HTTP, keeps its own time and reads its own arguments.
  {
    files: ['src/simulator/**/*.ts'],
    rules: { 'no-restricted-syntax': syntaxRule([]), 'no-restricted-imports': 'off' },
  },
  { files: ['**/data/**'], rules: { 'max-lines': 'off' } },
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', 'house/max-lines-per-test': 'error', 'no-console': 'off' },
  },
);
