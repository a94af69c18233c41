/* What the linter looks at: the page in a browser, its build and tests in node. */
import globals from "globals";

const rules = {
	"no-undef": "error",
	"no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
	"no-console": "error",
	"no-eval": "error",
	"no-implied-eval": "error",
	"no-var": "error",
	"prefer-const": "error",
	eqeqeq: "error",
	complexity: ["error", 8],
	"max-lines": ["error", 400],
	"max-lines-per-function": ["error", 50],
	"no-restricted-properties": ["error", { property: "innerHTML" }, { property: "outerHTML" }],
};

export default [
	{ ignores: ["**/dist/**", "**/built/**", "**/node_modules/**", "**/.venv/**"] },
	{
		files: ["theranvio_telehealth/public/js/visit/**/*.js", "theranvio_telehealth/public/js/*.bundle.js"],
		languageOptions: { globals: globals.browser },
		rules,
	},
	{
		files: ["*.mjs", "scripts/*.mjs", "{tests,tools}/**/*.mjs", "tests/js/fake_chime.js"],
		languageOptions: { globals: { ...globals.node, ...globals.browser } },
		rules: { ...rules, complexity: ["error", 12], "no-console": "off", "max-lines-per-function": "off" },
	},
];
