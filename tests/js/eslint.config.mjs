// What the page's scripts and their tests must not do. ESLint and its rules come from wherever `eslint` was installed.
import { createRequire } from 'node:module';

const installed = createRequire(process.argv[1]);
const { configs } = installed('@eslint/js');
const { browser, nodeBuiltin } = installed('globals');

const strict = {
  eqeqeq: 'error',
  'no-implicit-globals': 'error',
  'no-shadow': 'error',
  'no-undef': 'error',
  'no-unused-vars': ['error', { args: 'all', argsIgnorePattern: '^_', varsIgnorePattern: '^_$' }],
  'no-use-before-define': ['error', { functions: false, classes: false, variables: false }],
  'no-useless-assignment': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
};

export default [
  { ignores: ['src/ui/site/vendor/**'] },
  configs.recommended,
  { rules: strict, linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { files: ['src/ui/site/**/*.js'], languageOptions: { globals: browser } },
  { files: ['src/ui/site/theme.js'], languageOptions: { sourceType: 'script' } },
  { files: ['tests/js/**/*.mjs'], languageOptions: { globals: { ...nodeBuiltin, dispatchEvent: false, document: false, localStorage: false } } },
];
