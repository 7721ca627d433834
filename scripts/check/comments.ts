/** Separates comments, literals and code of TypeScript, AssemblyScript, C, assembler and linker scripts. */

type Kind = "code" | "comment" | "literal";

interface Span {
  readonly kind: Kind;
  readonly end: number;
}

const COMMENT = String.raw`//[^\n]*|/\*[\s\S]*?\*/`;
const STRING = String.raw`"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'`;
const CLASS = String.raw`\[(?:\\.|[^\]\\\n])*\]`;
const REGEX = String.raw`/(?:\\.|${CLASS}|[^/\\[\n*])(?:\\.|${CLASS}|[^/\\[\n])*/`;
const PIECE = new RegExp(
  `(?<comment>${COMMENT})|(?<string>${STRING})|(?<template>\`)|(?<brace>[{}])|(?<regex>${REGEX})`,
  "g",
);
const TEMPLATE_PIECE = /\\[\s\S]|\$\{|`/g;
/** After these a slash begins a regular expression. After anything else it divides. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+>]|\b(?:return|case|of|in))\s*$/;
const LOOK_BEHIND = 40;

/** The text with everything but its comments blank. Line breaks stay, so that lines keep their numbers. */
export function commentsOf(source: string): string {
  return only(["comment"], source);
}

/** The text with its comments and literals blank. */
export function codeOf(source: string): string {
  return only(["code"], source);
}

/** The text with its comments blank, wherever they stand. */
export function withoutAnyComments(source: string): string {
  return only(["code", "literal"], source);
}

function only(kinds: readonly Kind[], source: string): string {
  let text = "";
  for (const span of spans(source)) {
    const piece = source.slice(text.length, span.end);
    text += kinds.includes(span.kind) ? piece : piece.replace(/[^\n]/g, " ");
  }
  return text;
}

/** The kind and the end of each span. All spans together are the whole text. */
function* spans(source: string): Generator<Span> {
  /** For each template literal that is open, the braces open inside its `${`. */
  const templates: number[] = [];
  let at = 0;
  while (at < source.length) {
    PIECE.lastIndex = at;
    const piece = PIECE.exec(source);
    if (piece === null) break;
    yield { kind: "code", end: piece.index };
    at = PIECE.lastIndex;
    const { comment, string, template, brace, regex } = piece.groups ?? {};
    if (comment !== undefined) yield { kind: "comment", end: at };
    else if (string !== undefined) yield { kind: "literal", end: at };
    else if (regex !== undefined && isRegex(source, piece.index)) yield { kind: "literal", end: at };
    else if (regex !== undefined) at = piece.index + 1;
    if (template !== undefined || closesSubstitution(brace, templates)) {
      at = templateEnd(source, at);
      if (source[at - 1] === "{") templates.push(0);
      yield { kind: "literal", end: at };
    }
  }
  yield { kind: "code", end: source.length };
}

function isRegex(source: string, slash: number): boolean {
  return BEFORE_REGEX.test(source.slice(Math.max(0, slash - LOOK_BEHIND), slash));
}

/** Counts a brace. True for the brace that ends a `${` of the innermost template literal. */
function closesSubstitution(brace: string | undefined, templates: number[]): boolean {
  const open = templates.at(-1);
  if (brace === undefined || open === undefined) return false;
  if (brace === "}" && open === 0) {
    templates.pop();
    return true;
  }
  templates[templates.length - 1] = open + (brace === "{" ? 1 : -1);
  return false;
}

/** The position behind the next `${`, or behind the backquote that ends the literal. */
function templateEnd(source: string, at: number): number {
  TEMPLATE_PIECE.lastIndex = at;
  for (let piece = TEMPLATE_PIECE.exec(source); piece !== null; piece = TEMPLATE_PIECE.exec(source)) {
    if (!piece[0].startsWith("\\")) return TEMPLATE_PIECE.lastIndex;
  }
  return source.length;
}
