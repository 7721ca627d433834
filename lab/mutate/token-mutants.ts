/**
 * Mutants found in the tokens of a source text: all kinds for C, which no maintained tool of npm's mutates,
 * and for AssemblyScript the kinds that Stryker lacks. It knows just enough of both languages: an operator
 * with a space on both sides has two operands, because the formatter writes it so.
 */
import type { Mutant } from "./mutant.ts";

interface Token {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const TOKEN = new RegExp(
  [
    /\/\/[^\n]*/, // comments and texts, which are dropped
    /\/\*[\s\S]*?\*\//,
    /"(?:\\.|[^"\\])*"/,
    /'(?:\\.|[^'\\])*'/,
    /`(?:\\.|[^`\\])*`/,
    /^[ \t]*#(?:\\\n|[^\n])*/, // a line of the preprocessor with those that continue it
    /[A-Za-z_]\w*/,
    /\d\w*/,
    /<<=|>>=|\+\+|--|&&|\|\||->|=>|<<|>>|[=!<>+\-*/%&|^]=/,
    /[^\s\w]/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gm",
);
const DROPPED = /^(?:\/\/|\/\*|["'`]|[ \t]*#)/;

interface Operators {
  readonly kind: string;
  readonly becomes: Readonly<Record<string, readonly string[]>>;
}

const BITS: Operators = {
  kind: "BitwiseOperator",
  becomes: { "&": ["|"], "|": ["&"], "^": ["&"], "<<": [">>"], ">>": ["<<"] },
};
const OPERATORS_OF_C: readonly Operators[] = [
  BITS,
  {
    kind: "EqualityOperator",
    becomes: {
      "==": ["!="],
      "!=": ["=="],
      "<": ["<=", ">="],
      "<=": ["<", ">"],
      ">": [">=", "<="],
      ">=": [">", "<"],
    },
  },
  { kind: "LogicalOperator", becomes: { "&&": ["||"], "||": ["&&"] } },
  {
    kind: "ArithmeticOperator",
    becomes: { "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"] },
  },
  {
    kind: "AssignmentOperator",
    becomes: { "+=": ["-="], "-=": ["+="], "|=": ["&="], "&=": ["|="], "^=": ["|="] },
  },
];

/** A statement that begins with one of these is no expression: removing it could not compile. */
const NO_EXPRESSION = new Set(
  (
    "if else for while do switch case default return break continue goto const let static extern typedef " +
    "struct enum union import export class function private public constructor assert _Static_assert"
  ).split(" "),
);

/** All mutants of a source text in C. */
export function mutantsOfC(file: string, text: string): Mutant[] {
  const tokens = tokensOf(text);
  const found = [
    ...tokens.flatMap((token) => operatorMutants(file, text, token, OPERATORS_OF_C)),
    ...tokens.flatMap((token, index) => unaryMutants(file, token, tokens[index + 1])),
    ...tokens.flatMap((token, index) => conditionMutants(file, token, tokens, index)),
    ...removedStatements(file, tokens),
  ];
  return inOrder(found);
}

/** The mutants of a source text in AssemblyScript that Stryker does not know. */
export function furtherMutantsOfLogic(file: string, text: string): Mutant[] {
  const tokens = tokensOf(text);
  const bits = tokens.flatMap((token) => operatorMutants(file, text, token, [BITS]));
  return inOrder([...bits, ...removedStatements(file, tokens)]);
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match;
    if (DROPPED.test(token)) continue;
    tokens.push({ text: token, from: match.index, to: match.index + token.length });
  }
  return tokens;
}

function inOrder(mutants: readonly Mutant[]): Mutant[] {
  return [...mutants].sort((left, right) => left.from - right.from);
}

function operatorMutants(
  file: string,
  source: string,
  { text, from, to }: Token,
  operators: readonly Operators[],
): Mutant[] {
  if (source[from - 1] !== " " || !/\s/.test(source[to] ?? "")) return [];
  return operators.flatMap(({ kind, becomes }) =>
    (Object.hasOwn(becomes, text) ? (becomes[text] ?? []) : []).map((replacement) => ({
      file,
      from,
      to,
      replacement,
      kind,
    })),
  );
}

/** `!a` and `~a` lose their operator, ++ and -- change places, a decimal number grows by one. */
function unaryMutants(file: string, { text, from, to }: Token, next: Token | undefined): Mutant[] {
  if (text === "++" || text === "--") {
    return [{ file, from, to, replacement: text === "++" ? "--" : "++", kind: "UpdateOperator" }];
  }
  if ((text === "!" || text === "~") && next?.from === to) {
    return [{ file, from, to, replacement: "", kind: "UnaryOperator" }];
  }
  const [, digits, suffix = ""] = /^(0|[1-9]\d*)([uUlL]*)$/.exec(text) ?? [];
  if (digits === undefined) return [];
  return [{ file, from, to, replacement: `${Number(digits) + 1}${suffix}`, kind: "NumberLiteral" }];
}

/** The condition of an `if` or `while` holds always or never. */
function conditionMutants(file: string, { text }: Token, tokens: readonly Token[], index: number): Mutant[] {
  if (text !== "if" && text !== "while") return [];
  const open = tokens[index + 1];
  const close = open?.text === "(" ? tokens[closingOf(tokens, index + 1)] : undefined;
  if (open === undefined || close === undefined) return [];
  return ["1", "0"].map((replacement) => ({
    file,
    from: open.to,
    to: close.from,
    replacement,
    kind: "ConditionalExpression",
  }));
}

/** The index of the parenthesis that closes the one at `open`; behind all tokens if none does. */
function closingOf(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    if (tokens[index]?.text === "(") depth++;
    if (tokens[index]?.text === ")" && --depth === 0) return index;
  }
  return tokens.length;
}

/** Assignments and calls that are left out. */
function removedStatements(file: string, tokens: readonly Token[]): Mutant[] {
  const mutants: Mutant[] = [];
  for (let index = 1; index < tokens.length; index++) {
    const first = tokens[index] as Token;
    if (!beginsStatement(tokens, index) || !isExpression(first, tokens[index + 1])) continue;
    const end = endOfStatement(tokens, index);
    const last = tokens[end - 1];
    if (end === tokens.length || last === undefined) continue;
    mutants.push({ file, from: first.from, to: last.to, replacement: "", kind: "StatementRemoval" });
  }
  return mutants;
}

/** After a semicolon, a brace, `else`, or the condition of an `if`, `for` or `while`. */
function beginsStatement(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1]?.text ?? "";
  if ([";", "{", "}", "else"].includes(before)) return true;
  if (before !== ")") return false;
  let depth = 0;
  for (let open = index - 1; open > 0; open--) {
    if (tokens[open]?.text === ")") depth++;
    if (tokens[open]?.text === "(" && --depth === 0) {
      return ["if", "for", "while"].includes(tokens[open - 1]?.text ?? "");
    }
  }
  return false;
}

/** A declaration has a type or a colon behind its first name; an expression has an operator there. */
function isExpression(first: Token, second: Token | undefined): boolean {
  if (NO_EXPRESSION.has(first.text)) return false;
  if (first.text === "*") return true;
  return /^[A-Za-z_]/.test(first.text) && /^(?:\(|\[|\.|->|\+\+|--|[-+|&^*<>]*=)$/.test(second?.text ?? "");
}

/** The index of the semicolon that ends the statement; behind all tokens if a brace comes before it. */
function endOfStatement(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let index = from; index < tokens.length; index++) {
    const { text } = tokens[index] as Token;
    if (text === "(" || text === "[") depth++;
    if (text === ")" || text === "]") depth--;
    if (text === "{" || text === "}" || depth < 0) return tokens.length;
    if (text === ";" && depth === 0) return index;
  }
  return tokens.length;
}
