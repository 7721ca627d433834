/**
 * The characters and colours of a curve. Block elements need a terminal that reads UTF-8. The text console of
 * Linux does, but its fonts have few of them. Plain ASCII works everywhere.
 */

export interface CurveStyle {
  /** Characters from an empty to a whole cell, in equal steps. */
  readonly levels: readonly string[];
  /** Characters in a column whose values left its mean: below the mean, and above. */
  readonly dipped: string;
  readonly peaked: string;
  readonly rule: string;
  readonly mark: string;
  readonly colours: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const BLOCKS = { levels: [..." ▁▂▃▄▅▆▇█"], dipped: "▒", peaked: "░", rule: "─", mark: "┴" };
const ASCII = { levels: [..." ._-=+*#"], dipped: ":", peaked: "'", rule: "-", mark: "+" };

/**
 * Chooses the style by the locale (POSIX: the first that is set of LC_ALL, LC_CTYPE, LANG) and by
 * https://no-color.org.
 */
export function curveStyle(environment: Environment): CurveStyle {
  const { LC_ALL, LC_CTYPE, LANG, TERM, NO_COLOR } = environment;
  const locale = LC_ALL || LC_CTYPE || LANG || "";
  const hasBlocks = /utf-?8/i.test(locale) && TERM !== "linux";
  return { ...(hasBlocks ? BLOCKS : ASCII), colours: !NO_COLOR };
}
